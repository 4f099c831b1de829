#include "test/compare.h"

#include <algorithm>

#include "expression/json_text.h"
#include <weir/json_reader.h>

namespace weir::test {

using expression::JsonWalk;
using job::Node;

namespace {

// The member `key` of a map.
std::optional<std::string_view> member(std::string_view map, std::string_view key) {
  std::optional<std::string_view> found;
  expression::Arena arena;
  for (JsonWalk walk(map); walk.is_map() && walk.next();) {
    std::string_view name;
    if (expression::unescape(walk.key(), arena, name) && name == key) found = walk.value();
  }
  return found;
}

bool same_scalars(std::string_view expected, std::string_view actual) {
  if (expected == actual) return true;
  expression::Arena arena;
  JsonValue a, b;
  if (!expression::value_of_json(expected, arena, a) ||
      !expression::value_of_json(actual, arena, b)) {
    return false;
  }
  using Kind = JsonValue::Kind;
  if (a.kind() == Kind::kString && b.kind() == Kind::kString) return a.text() == b.text();
  const auto number = [](const JsonValue& value) {
    const Kind kind = value.kind();
    return kind == Kind::kInt || kind == Kind::kDecimal || kind == Kind::kDouble;
  };
  if (!number(a) || !number(b)) return a.is_null() && b.is_null();
  // Digits beyond those of a double do not tell two results apart; the texts have been compared.
  return std::stod(std::string(expected)) == std::stod(std::string(actual));
}

bool same(const Node& expected, std::string_view actual, bool all_fields, Timestamp epoch) {
  if (expected.is_scalar() || expected.is_null()) {
    return same_scalars(json_of(expected, epoch), actual);
  }
  JsonWalk walk(actual);
  if (expected.is_list()) {
    for (const Node& item : expected.items) {
      if (!walk.is_list() || !walk.next() || !same(item, walk.value(), all_fields, epoch)) {
        return false;
      }
    }
    return walk.is_list() && !walk.next();
  }
  for (std::size_t i = 0; i < expected.keys.size(); ++i) {
    const auto found = member(actual, expected.keys[i].text);
    if (!found || !same(expected.items[i], *found, all_fields, epoch)) return false;
  }
  if (!walk.is_map()) return false;
  while (all_fields && walk.next()) {
    if (expected.find(walk.key()) == nullptr) return false;
  }
  return true;
}

std::string shown(const std::optional<std::string>& text) { return text.value_or("null"); }

void compare_around(const ExpectedRecord& expected, const ActualRecord& actual,
                    std::vector<FieldPair>& fields) {
  if (expected.key) {
    fields.push_back({"(key)", *expected.key, shown(actual.key), expected.key == actual.key});
  }
  if (expected.at_ms) {
    fields.push_back({"(at)", std::to_string(*expected.at_ms) + "ms",
                      std::to_string(actual.at_ms) + "ms", *expected.at_ms == actual.at_ms});
  }
  if (expected.raw) {
    fields.push_back({"(raw)", *expected.raw, shown(actual.value), expected.raw == actual.value});
  }
}

}  // namespace

std::vector<FieldPair> compare(const ExpectedRecord& expected, const ActualRecord& actual,
                               bool all_fields, Timestamp epoch) {
  std::vector<FieldPair> fields;
  compare_around(expected, actual, fields);
  if (expected.raw) return fields;
  const std::string value = actual.value.value_or("null");
  const Node& wanted = expected.value;
  for (std::size_t i = 0; i < wanted.keys.size(); ++i) {
    const auto found = member(value, wanted.keys[i].text);
    FieldPair field{wanted.keys[i].text, json_of(wanted.items[i], epoch),
                    std::string(found.value_or("")), false};
    field.same = found && same(wanted.items[i], *found, all_fields, epoch);
    fields.push_back(std::move(field));
  }
  for (JsonWalk walk(value); walk.is_map() && walk.next();) {
    if (wanted.find(walk.key()) != nullptr) continue;
    fields.push_back({std::string(walk.key()), "", std::string(walk.value()), !all_fields});
  }
  return fields;
}

bool are_same(const std::vector<FieldPair>& fields) {
  return std::all_of(fields.begin(), fields.end(), [](const FieldPair& one) { return one.same; });
}

}  // namespace weir::test
