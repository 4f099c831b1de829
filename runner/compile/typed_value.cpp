#include "compile/typed_value.h"

#include "expression/json_text.h"

namespace weir::compile {

using expression::Arena;
using expression::Kind;
using expression::Type;

namespace {

Error unfit(std::string_view field, std::string_view wanted, const JsonSlot& slot) {
  return Error{"field '" + std::string(field) + "': expected " + std::string(wanted) + ", found " +
               std::string(name_of(slot.kind))};
}

Status read_text(const JsonSlot& slot, std::string_view field, Arena& arena,
                 std::string_view& into) {
  if (slot.kind != JsonKind::kString) return unfit(field, "a string", slot);
  into = slot.text;
  if (slot.escaped && !expression::unescape(slot.text, arena, into)) {
    return Error{"field '" + std::string(field) + "' is too long"};
  }
  return {};
}

bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  Timestamp time = 0;
  return static_cast<bool>(parse_time(text, {}, time));
}

// Whether what a list or map holds is as declared. The depth is that of the declaration.
Status check_inside(const JsonSlot& slot, std::string_view field, const Type& type,
                    const TimeReading& times, Arena& arena) {
  if (!type.shape) return {};
  JsonValue ignored;
  expression::JsonWalk walk(slot.text);
  if (type.is(Kind::list)) {
    const std::string inner = std::string(field) + "[]";
    while (walk.next()) {
      Status s = read_typed(slot_of(walk.value()), inner, *type.element(), times, arena, ignored);
      if (!s) return s;
    }
    return {};
  }
  std::vector<JsonSlot> found(type.shape->fields.size());
  while (walk.next()) {
    std::string_view key;
    if (!expression::unescape(walk.key(), arena, key)) return Error{"a key is too long"};
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (type.shape->fields[i].first == key) found[i] = slot_of(walk.value());
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& [name, inner] = type.shape->fields[i];
    Status s = read_typed(found[i], std::string(field) + "." + name, inner, times, arena, ignored);
    if (!s) return s;
  }
  return {};
}

Status read_container(const JsonSlot& slot, std::string_view field, const Type& type,
                      const TimeReading& times, Arena& arena, JsonValue& out) {
  const bool list = type.is(Kind::list);
  if (slot.kind != (list ? JsonKind::kArray : JsonKind::kObject)) {
    return unfit(field, list ? "a list" : "a map", slot);
  }
  out = JsonValue::raw(slot.text);
  return check_inside(slot, field, type, times, arena);
}

Status read_any(const JsonSlot& slot, std::string_view field, Arena& arena, JsonValue& out) {
  std::string_view text;
  switch (slot.kind) {
    case JsonKind::kMissing:
    case JsonKind::kNull:
      out = JsonValue::null();
      return {};
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      out = JsonValue::boolean(slot.kind == JsonKind::kTrue);
      return {};
    case JsonKind::kString: {
      Status s = read_text(slot, field, arena, text);
      out = JsonValue::string(text);
      return s;
    }
    case JsonKind::kObject:
    case JsonKind::kArray:
      out = JsonValue::raw(slot.text);
      return {};
    case JsonKind::kNumber:
      expression::value_of_json(slot.text, arena, out);
      return {};
  }
  return {};
}

}  // namespace

JsonSlot slot_of(std::string_view json) {
  JsonSlot slot{json, JsonKind::kNumber, false};
  if (json.empty()) return {};
  switch (json.front()) {
    case 'n':
      slot.kind = JsonKind::kNull;
      break;
    case 't':
      slot.kind = JsonKind::kTrue;
      break;
    case 'f':
      slot.kind = JsonKind::kFalse;
      break;
    case '{':
      slot.kind = JsonKind::kObject;
      break;
    case '[':
      slot.kind = JsonKind::kArray;
      break;
    case '"':
      slot.kind = JsonKind::kString;
      slot.text = json.size() < 2 ? std::string_view() : json.substr(1, json.size() - 2);
      slot.escaped = slot.text.find('\\') != std::string_view::npos;
      break;
    default:
      break;
  }
  return slot;
}

Status read_typed(const JsonSlot& slot, std::string_view field, const Type& type,
                  const TimeReading& times, Arena& arena, JsonValue& out) {
  if (slot.is_absent() && !type.is(Kind::any)) {
    out = JsonValue::null();
    if (type.nullable || type.is(Kind::null)) return {};
    return Error{"field '" + std::string(field) + "' " +
                 (slot.kind == JsonKind::kNull ? "is null" : "is missing")};
  }
  bool truth = false;
  std::int64_t number = 0;
  double real = 0;
  std::string_view text;
  Status status;
  switch (type.kind) {
    case Kind::boolean:
      status = read_bool(slot, field, truth);
      out = JsonValue::boolean(truth);
      return status;
    case Kind::integer:
    case Kind::duration:
      status = read_int(slot, field, number);
      out = JsonValue::integer(number);
      return status;
    case Kind::real:
      status = read_double(slot, field, real);
      out = JsonValue::real(real);
      return status;
    case Kind::decimal:
      status = read_decimal(slot, field, type.places, number);
      out = JsonValue::decimal(number, type.places);
      return status;
    case Kind::time:
      status = read_time(slot, field, times, number);
      out = JsonValue::time(number);
      return status;
    case Kind::date:
    case Kind::text:
      status = read_text(slot, field, arena, text);
      out = JsonValue::string(text);
      if (status && type.is(Kind::date) && !is_date(text)) {
        return Error{"field '" + std::string(field) + "': expected a date such as 2025-03-01"};
      }
      return status;
    case Kind::list:
    case Kind::map:
      return read_container(slot, field, type, times, arena, out);
    case Kind::any:
    case Kind::null:
      break;
  }
  return read_any(slot, field, arena, out);
}

}  // namespace weir::compile
