#include "generate/value.h"

#include <cmath>

#include <weir/json_value.h>

namespace weir::generate {

namespace {

double power_of_ten(int places) { return std::pow(10.0, places); }

// Brings an exact number to more places; false when it does not fit.
bool scaled(const Value& value, int places, std::int64_t& units) {
  units = value.units;
  for (int i = value.places; i < places; ++i) {
    if (__builtin_mul_overflow(units, 10, &units)) return false;
  }
  return true;
}

Value calculate_real(char sign, double a, double b) {
  switch (sign) {
    case '+':
      return Value::number(a + b);
    case '-':
      return Value::number(a - b);
    case '*':
      return Value::number(a * b);
    case '/':
      return b == 0 ? Value() : Value::number(a / b);
    default:
      return b == 0 ? Value() : Value::number(std::fmod(a, b));
  }
}

}  // namespace

double Value::as_double() const {
  if (kind == Kind::real) return real;
  return static_cast<double>(units) / power_of_ten(places);
}

Value calculate(char sign, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) return {};
  const bool exact = a.kind == Value::Kind::exact && b.kind == Value::Kind::exact;
  if (!exact || sign == '/') return calculate_real(sign, a.as_double(), b.as_double());
  std::int64_t result = 0;
  if (sign == '*') {
    if (a.places + b.places > 18 || __builtin_mul_overflow(a.units, b.units, &result)) return {};
    return Value::exact(result, a.places + b.places);
  }
  const int places = a.places > b.places ? a.places : b.places;
  std::int64_t left = 0;
  std::int64_t right = 0;
  if (!scaled(a, places, left) || !scaled(b, places, right)) return {};
  if (sign == '%') return right == 0 || right == -1 ? Value() : Value::exact(left % right, places);
  const bool over = sign == '+' ? __builtin_add_overflow(left, right, &result)
                                : __builtin_sub_overflow(left, right, &result);
  return over ? Value() : Value::exact(result, places);
}

int compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    std::int64_t left = 0;
    std::int64_t right = 0;
    const int places = a.places > b.places ? a.places : b.places;
    if (a.kind == b.kind && a.kind == Value::Kind::exact && scaled(a, places, left) &&
        scaled(b, places, right)) {
      return left < right ? -1 : (left > right ? 1 : 0);
    }
    const double x = a.as_double();
    const double y = b.as_double();
    return x < y ? -1 : (x > y ? 1 : 0);
  }
  if (a.kind != b.kind) return 0;
  if (a.kind == Value::Kind::boolean) return static_cast<int>(a.units - b.units);
  return a.text.compare(b.text);
}

void Value::append_json_to(std::string& out) const {
  switch (kind) {
    case Kind::null:
      return append_json(out, JsonValue::null());
    case Kind::boolean:
      return append_json(out, JsonValue::boolean(units != 0));
    case Kind::exact:
      return append_json(
          out, places == 0 ? JsonValue::integer(units) : JsonValue::decimal(units, places));
    case Kind::real:
      return append_json(out, JsonValue::real(real));
    case Kind::text:
      return append_json(out, JsonValue::string(text));
    case Kind::json:
      out += text;
  }
}

std::string Value::plain() const {
  if (kind == Kind::text || kind == Kind::json) return text;
  if (kind == Kind::null) return "";
  std::string out;
  append_json_to(out);
  return out;
}

}  // namespace weir::generate
