#include "expression/type.h"

#include <algorithm>

namespace weir::expression {

Type Type::list_of(Type element) {
  Type type = of(Kind::list);
  auto shape = std::make_shared<Shape>();
  shape->fields.emplace_back("", std::move(element));
  type.shape = std::move(shape);
  return type;
}

Type Type::map_of(std::vector<std::pair<std::string, Type>> fields) {
  Type type = of(Kind::map);
  auto shape = std::make_shared<Shape>();
  shape->fields = std::move(fields);
  type.shape = std::move(shape);
  return type;
}

const Type* Type::element() const {
  return kind == Kind::list && shape && !shape->fields.empty() ? &shape->fields[0].second : nullptr;
}

const Type* Type::field(const std::string& name) const {
  if (kind != Kind::map || !shape) return nullptr;
  for (const auto& [key, type] : shape->fields) {
    if (key == name) return &type;
  }
  return nullptr;
}

std::string Type::to_string() const {
  std::string text;
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      text = "bool";
      break;
    case Kind::integer:
      text = "int";
      break;
    case Kind::real:
      text = "float";
      break;
    case Kind::decimal:
      text = "decimal(" + std::to_string(places) + ")";
      break;
    case Kind::text:
      text = "string";
      break;
    case Kind::time:
      text = "time";
      break;
    case Kind::date:
      text = "date";
      break;
    case Kind::duration:
      text = "duration";
      break;
    case Kind::any:
      return "any";
    case Kind::list:
      text = element() ? "[" + element()->to_string() + "]" : "list";
      break;
    case Kind::map: {
      text = "map";
      if (!shape) break;
      text = "{";
      for (const auto& [key, type] : shape->fields) {
        text += (text.size() > 1 ? ", " : "") + key + ": " + type.to_string();
      }
      text += "}";
      break;
    }
  }
  return nullable ? text + " or null" : text;
}

bool Type::operator==(const Type& other) const {
  if (kind != other.kind || places != other.places || nullable != other.nullable) return false;
  if (shape == other.shape) return true;
  return shape && other.shape && shape->fields == other.shape->fields;
}

bool unify(const Type& a, const Type& b, Type& into) {
  const bool nullable = a.nullable || b.nullable || a.is(Kind::null) || b.is(Kind::null);
  if (a.is(Kind::null)) {
    into = b.is(Kind::null) ? b : b.or_null();
  } else if (b.is(Kind::null)) {
    into = a.or_null();
  } else if (a.is(Kind::any) || b.is(Kind::any)) {
    into = Type::of(Kind::any).or_null();
  } else if (a.is_number() && b.is_number()) {
    if (a.is(Kind::real) || b.is(Kind::real)) {
      into = Type::of(Kind::real);
    } else if (a.is(Kind::integer) && b.is(Kind::integer)) {
      into = Type::of(Kind::integer);
    } else {
      into = Type::decimal(std::max(a.places, b.places));
    }
    into.nullable = nullable;
  } else if (a.kind == b.kind) {
    into = a == b ? a : a.not_null() == b.not_null() ? a : Type::of(a.kind);
    into.nullable = nullable;
  } else {
    return false;
  }
  return true;
}

}  // namespace weir::expression
