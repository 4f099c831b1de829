#include <charconv>
#include <cmath>
#include <system_error>

#include "json/number.h"
#include "json/text.h"
#include <weir/decimal.h>
#include <weir/json_reader.h>

namespace weir {
namespace {

constexpr std::size_t kQuotedMax = 40;  // Of the text of a bad value, in a message.

std::string shown(const JsonSlot& slot) {
  if (slot.kind != JsonKind::kNumber && slot.kind != JsonKind::kString) return "";
  std::string text(slot.text.substr(0, kQuotedMax));
  return ": " + text + (slot.text.size() > kQuotedMax ? "..." : "");
}

Error wrong_kind(const JsonSlot& slot, std::string_view field, const char* wanted) {
  std::string text = "field '" + std::string(field) + "' is ";
  text += name_of(slot.kind);
  if (!slot.is_absent()) text += std::string(", not ") + wanted + shown(slot);
  return Error{text};
}

Error bad_value(const JsonSlot& slot, std::string_view field, const std::string& why) {
  return Error{"field '" + std::string(field) + "' " + why + shown(slot)};
}

}  // namespace

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::kMissing:
      return "missing";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kFalse:
      return "false";
    case JsonKind::kTrue:
      return "true";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "text";
    case JsonKind::kObject:
      return "an object";
    case JsonKind::kArray:
      return "an array";
  }
  return "";
}

Status read_bool(const JsonSlot& slot, std::string_view field, bool& into) {
  if (slot.kind != JsonKind::kTrue && slot.kind != JsonKind::kFalse) {
    return wrong_kind(slot, field, "true or false");
  }
  into = slot.kind == JsonKind::kTrue;
  return {};
}

Status read_int(const JsonSlot& slot, std::string_view field, std::int64_t& into) {
  if (slot.kind != JsonKind::kNumber) return wrong_kind(slot, field, "a whole number");
  const char* end = slot.text.data() + slot.text.size();
  const auto [stop, fault] = std::from_chars(slot.text.data(), end, into);
  if (fault == std::errc() && stop == end) return {};
  switch (json::scale_number(slot.text, 0, json::Rounding::kExact, into)) {
    case json::NumberFault::kNone:
      return {};
    case json::NumberFault::kTooLarge:
      return bad_value(slot, field, "does not fit 64 bits");
    default:
      return bad_value(slot, field, "is not a whole number");
  }
}

Status read_double(const JsonSlot& slot, std::string_view field, double& into) {
  if (slot.kind != JsonKind::kNumber) return wrong_kind(slot, field, "a number");
  double read = 0;
  const auto [end, fault] =
      std::from_chars(slot.text.data(), slot.text.data() + slot.text.size(), read);
  if (fault == std::errc::result_out_of_range) {
    // Too large or too small? Only the exponent of the decimal form tells.
    std::int64_t whole = 0;
    if (json::scale_number(slot.text, 0, json::Rounding::kFloor, whole) !=
        json::NumberFault::kNone) {
      return bad_value(slot, field, "does not fit a double");
    }
    into = slot.text.front() == '-' ? -0.0 : 0.0;
    return {};
  }
  if (fault != std::errc() || end != slot.text.data() + slot.text.size()) {
    return bad_value(slot, field, "is not a number");
  }
  into = read;
  return {};
}

Status read_decimal(const JsonSlot& slot, std::string_view field, int places, std::int64_t& units) {
  if (slot.kind != JsonKind::kNumber) return wrong_kind(slot, field, "a number");
  if (json::scale_number(slot.text, places, json::Rounding::kHalfToEven, units) ==
      json::NumberFault::kNone) {
    return {};
  }
  return bad_value(slot, field,
                   "does not fit a decimal with " + std::to_string(places) + " places");
}

Status read_string(const JsonSlot& slot, std::string_view field, std::string& scratch,
                   std::string_view& into) {
  if (slot.kind != JsonKind::kString) return wrong_kind(slot, field, "text");
  into = slot.text;
  if (!slot.escaped) return {};
  scratch.clear();
  json::append_unescaped(scratch, slot.text);
  into = scratch;
  return {};
}

Status read_time(const JsonSlot& slot, std::string_view field, const TimeReading& reading,
                 Timestamp& into) {
  if (slot.kind != JsonKind::kNumber && slot.kind != JsonKind::kString) {
    return wrong_kind(slot, field, "a time");
  }
  if (!slot.escaped && parse_time(slot.text, reading, into)) return {};
  return bad_value(slot, field, "is not a time");
}

}  // namespace weir
