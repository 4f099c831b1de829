// Types of expressions and fields.
//
//   Type amount = Type::decimal(2).or_null();
//   amount.to_string();   // "decimal(2) or null"
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::expression {

enum class Kind : std::uint8_t {
  null,  // The type of the word `null`.
  boolean,
  integer,  // 64 bits; overflow is an error of the record.
  real,     // A double, always finite.
  decimal,  // 64 bits scaled by 10^places.
  text,
  time,      // Milliseconds since 1970.
  date,      // Text 2025-03-01, which sorts as the days do.
  duration,  // Milliseconds.
  list,
  map,
  any,  // Known only when the record is there.
};

struct Shape;

struct Type {
  Kind kind = Kind::null;
  std::uint8_t places = 0;  // Of decimals.
  bool nullable = false;
  // Of lists and maps that say what is in them. Shared by all types that name the same
  // declaration; never changed once made.
  std::shared_ptr<const Shape> shape{};

  static Type of(Kind kind) {
    Type type;
    type.kind = kind;
    return type;
  }
  static Type decimal(int places) {
    Type type = of(Kind::decimal);
    type.places = static_cast<std::uint8_t>(places);
    return type;
  }
  static Type list_of(Type element);
  static Type map_of(std::vector<std::pair<std::string, Type>> fields);

  Type or_null(bool yes = true) const {
    Type type = *this;
    type.nullable = nullable || yes;
    return type;
  }
  Type not_null() const {
    Type type = *this;
    type.nullable = false;
    return type;
  }

  bool is(Kind other) const { return kind == other; }
  // Exact numbers: an int is a decimal with 0 places.
  bool is_exact() const { return kind == Kind::integer || kind == Kind::decimal; }
  bool is_number() const { return is_exact() || kind == Kind::real; }
  const Type* element() const;                       // Of a list with a shape, else null.
  const Type* field(const std::string& name) const;  // Of a map with a shape, else null.

  std::string to_string() const;
  bool operator==(const Type& other) const;
};

// What a list or map holds: a list has one unnamed field.
struct Shape {
  std::vector<std::pair<std::string, Type>> fields;
};

// The type that both fit into without loss, or nothing: int and decimal meet in decimal, any number
// and float in float, null makes the other nullable, `any` takes all.
bool unify(const Type& a, const Type& b, Type& into);

}  // namespace weir::expression
