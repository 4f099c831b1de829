// A value of a generated field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::generate {

struct Value {
  enum class Kind { null, boolean, exact, real, text, json };

  Kind kind = Kind::null;
  std::int64_t units = 0;  // Of an exact number, scaled by 10^places; of a boolean, 0 or 1.
  int places = 0;
  double real = 0;
  std::string text{};  // Of a text; of json, a list or object as it is written.

  static Value boolean(bool yes) { return {.kind = Kind::boolean, .units = yes ? 1 : 0}; }
  static Value exact(std::int64_t units, int places = 0) {
    return {.kind = Kind::exact, .units = units, .places = places};
  }
  static Value number(double number) { return {.kind = Kind::real, .real = number}; }
  static Value of_text(std::string text) { return {.kind = Kind::text, .text = std::move(text)}; }
  static Value json(std::string json) { return {.kind = Kind::json, .text = std::move(json)}; }

  bool is_null() const { return kind == Kind::null; }
  bool is_true() const { return kind == Kind::boolean && units != 0; }
  bool is_number() const { return kind == Kind::exact || kind == Kind::real; }
  double as_double() const;

  void append_json_to(std::string& out) const;
  // As a key: text without quotes.
  std::string plain() const;
};

// `sign` is one of + - * / %. Exact numbers stay exact where they can; what cannot be is null.
Value calculate(char sign, const Value& a, const Value& b);
// Less than 0, 0 or more; nothing to compare counts as 0.
int compare(const Value& a, const Value& b);

}  // namespace weir::generate
