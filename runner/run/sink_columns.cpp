#include "run/sink_columns.h"

#include <algorithm>

#include "job/plan.h"

namespace weir::run {

namespace {

using expression::Kind;
using Type = SinkColumn::Type;

Type type_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return Type::boolean;
    case Kind::integer:
    case Kind::duration:
      return Type::integer;
    case Kind::real:
      return Type::real;
    case Kind::decimal:
      return Type::decimal;
    case Kind::text:
      return Type::text;
    case Kind::time:
      return Type::time;
    case Kind::date:
      return Type::date;
    case Kind::list:
      return Type::list;
    case Kind::map:
      return Type::map;
    case Kind::null:
    case Kind::any:
      break;
  }
  return Type::any;
}

SinkColumn column_of(std::string name, const expression::Type& type) {
  SinkColumn column{.name = std::move(name),
                    .type = type_of(type.kind),
                    .places = type.places,
                    .nullable = type.nullable,
                    .inside = {}};
  if (!type.shape) return column;
  for (const auto& [field, inner] : type.shape->fields) {
    column.inside.push_back(column_of(field, inner));
  }
  return column;
}

// "payment.amount" belongs into the map "payment".
void add(std::vector<SinkColumn>& columns, const std::string& path, const expression::Type& type,
         const expression::Schema& schema, const std::string& before) {
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  const auto joined = [&](const expression::Column& column) {
    return column.presence && column.name == before + name;
  };
  if (dot == std::string::npos || std::ranges::none_of(schema.columns, joined)) {
    columns.push_back(column_of(path, type));
    return;
  }
  auto map = std::ranges::find(columns, name, &SinkColumn::name);
  if (map == columns.end()) {
    columns.push_back({.name = name, .type = Type::map, .inside = {}});
    map = columns.end() - 1;
  }
  const std::string rest = path.substr(dot + 1);
  if (!rest.empty()) add(map->inside, rest, type, schema, before + name + '.');
}

}  // namespace

std::vector<SinkColumn> sink_columns(const expression::Schema& schema) {
  std::vector<SinkColumn> columns;
  for (const auto& [path, slot] : job::output_fields(schema)) {
    if (path.empty()) continue;  // A record of any fields.
    add(columns, path, schema.columns[static_cast<std::size_t>(slot)].type, schema, "");
  }
  return columns;
}

}  // namespace weir::run
