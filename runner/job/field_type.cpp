#include "job/field_type.h"

#include <array>
#include <charconv>

#include <weir/decimal.h>

namespace weir::job {

using expression::Kind;
using expression::Schema;
using expression::Type;

namespace {

constexpr std::array<std::pair<std::string_view, Kind>, 7> kTypes{{{"string", Kind::text},
                                                                   {"int", Kind::integer},
                                                                   {"float", Kind::real},
                                                                   {"bool", Kind::boolean},
                                                                   {"time", Kind::time},
                                                                   {"date", Kind::date},
                                                                   {"any", Kind::any}}};

void add_columns(const std::string& name, const Type& type, int parent, Schema& schema) {
  const int slot = schema.add(name, type, parent);
  if (!type.is(Kind::map) || !type.shape) return;
  for (const auto& [key, inner] : type.shape->fields) {
    add_columns(name + "." + key, inner.or_null(type.nullable), slot, schema);
  }
}

bool refuse(const Node& node, Diagnostics& found) {
  Diagnostic& d = found.error("E209", node.place, "'" + node.text.substr(0, 60) + "' is no type");
  std::vector<std::string> names{"decimal(2)", "string or null"};
  for (const auto& known : kTypes) names.emplace_back(known.first);
  d.hint = did_you_mean(node.text, names);
  if (node.text.starts_with("time(")) d.hint = "'time' reads seconds, milliseconds and ISO 8601";
  d.notes.emplace_back(
      "types: string, int, float, bool, time, date, any, decimal(2), each also with 'or null'; "
      "{a: int} is a map, [int] a list");
  return false;
}

}  // namespace

bool parse_scalar_type(std::string_view text, Type& type) {
  constexpr std::string_view kOrNull = " or null";
  const bool nullable = text.ends_with(kOrNull);
  if (nullable) text.remove_suffix(kOrNull.size());
  for (const auto& [name, kind] : kTypes) {
    if (text != name) continue;
    type = Type::of(kind).or_null(nullable || kind == Kind::any);
    return true;
  }
  if (!text.starts_with("decimal(") || !text.ends_with(')')) return false;
  const std::string_view digits = text.substr(8, text.size() - 9);
  int places = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), places);
  if (error != std::errc() || end != digits.data() + digits.size() || places < 0 ||
      places > kDecimalPlacesMax) {
    return false;
  }
  type = Type::decimal(places).or_null(nullable);
  return true;
}

bool read_type(const Node& node, Diagnostics& found, Type& type) {
  if (node.is_scalar()) return parse_scalar_type(node.text, type) || refuse(node, found);
  if (node.is_list() && node.items.size() == 1) {
    Type element;
    if (!read_type(node.items[0], found, element)) return false;
    type = Type::list_of(std::move(element));
    return true;
  }
  if (node.is_map() && !node.items.empty()) {
    std::vector<std::pair<std::string, Type>> fields;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      Type inner;
      if (!read_type(node.items[i], found, inner)) return false;
      fields.emplace_back(node.keys[i].text, std::move(inner));
    }
    type = Type::map_of(std::move(fields));
    return true;
  }
  found.error("E209", node.place, "a type has to stand here").hint =
      "a list of strings is written [string], a map {name: string}";
  return false;
}

Schema read_fields(const Node& fields, Diagnostics& found) {
  Schema schema;
  if (fields.is_scalar()) {
    schema.open = true;
    schema.add("", Type::of(Kind::any));
    return schema;
  }
  for (std::size_t i = 0; i < fields.items.size(); ++i) {
    Type type;
    if (read_type(fields.items[i], found, type)) {
      add_columns(fields.keys[i].text, type, expression::Column::kTopLevel, schema);
    }
  }
  return schema;
}

}  // namespace weir::job
