#include "expression/arithmetic.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <weir/decimal.h>

namespace weir::expression {

namespace {

using ValueKind = JsonValue::Kind;

constexpr Failure kOverflow = "overflow";
constexpr Failure kNotNumbers = "not a number";
constexpr Failure kByZero = "division by zero";

int places_of(const JsonValue& value) {
  return value.kind() == ValueKind::kDecimal ? value.places() : 0;
}

JsonValue exact(Int128 units, int places, bool decimal) {
  const auto narrow = static_cast<std::int64_t>(units);
  return decimal ? JsonValue::decimal(narrow, places) : JsonValue::integer(narrow);
}

bool fits(Int128 units) { return units == static_cast<Int128>(static_cast<std::int64_t>(units)); }

Failure real(double value, JsonValue& out) {
  if (!std::isfinite(value)) return kOverflow;
  out = JsonValue::real(value);
  return nullptr;
}

// Both as counts of 10^-places, for the larger of both places. 64 bits times 10^18 fit 128 bits.
struct Aligned {
  Aligned(const JsonValue& x, const JsonValue& y)
      : places(std::max(places_of(x), places_of(y))),
        a(static_cast<Int128>(x.units()) * power_of_ten(places - places_of(x))),
        b(static_cast<Int128>(y.units()) * power_of_ten(places - places_of(y))) {}
  int places;
  Int128 a;
  Int128 b;
};

Failure narrowed(Int128 units, int places, bool decimal, JsonValue& out) {
  if (!fits(units)) return kOverflow;
  out = exact(units, places, decimal);
  return nullptr;
}

bool either_decimal(const JsonValue& a, const JsonValue& b) {
  return a.kind() == ValueKind::kDecimal || b.kind() == ValueKind::kDecimal;
}

// Time and duration, in the order that `sign` allows.
Failure moved_by(const JsonValue& time, std::int64_t millis, int sign, JsonValue& out) {
  std::int64_t moved = 0;
  const bool overflow = sign > 0 ? __builtin_add_overflow(time.as_time(), millis, &moved)
                                 : __builtin_sub_overflow(time.as_time(), millis, &moved);
  if (overflow) return kOverflow;
  out = JsonValue::time(moved);
  return nullptr;
}

}  // namespace

bool is_exact(const JsonValue& value) {
  return value.kind() == ValueKind::kInt || value.kind() == ValueKind::kDecimal;
}

bool is_number(const JsonValue& value) {
  return is_exact(value) || value.kind() == ValueKind::kDouble;
}

double to_double(const JsonValue& number) {
  if (number.kind() == ValueKind::kDouble) return number.as_double();
  if (number.kind() == ValueKind::kInt) return static_cast<double>(number.as_int());
  return static_cast<double>(number.units()) / static_cast<double>(power_of_ten(number.places()));
}

Failure add(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (a.kind() == b.kind() && is_exact(a) && places_of(a) == places_of(b)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.units(), b.units(), &sum)) return kOverflow;
    out = exact(sum, places_of(a), a.kind() == ValueKind::kDecimal);
    return nullptr;
  }
  if (a.kind() == ValueKind::kTime && b.kind() == ValueKind::kInt)
    return moved_by(a, b.as_int(), 1, out);
  if (b.kind() == ValueKind::kTime && a.kind() == ValueKind::kInt)
    return moved_by(b, a.as_int(), 1, out);
  if (!is_number(a) || !is_number(b)) return kNotNumbers;
  if (!is_exact(a) || !is_exact(b)) return real(to_double(a) + to_double(b), out);
  const Aligned both(a, b);
  return narrowed(both.a + both.b, both.places, true, out);
}

Failure subtract(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (a.kind() == b.kind() && is_exact(a) && places_of(a) == places_of(b)) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.units(), b.units(), &difference)) return kOverflow;
    out = exact(difference, places_of(a), a.kind() == ValueKind::kDecimal);
    return nullptr;
  }
  if (a.kind() == ValueKind::kTime && b.kind() == ValueKind::kInt)
    return moved_by(a, b.as_int(), -1, out);
  if (a.kind() == ValueKind::kTime && b.kind() == ValueKind::kTime) {
    std::int64_t millis = 0;
    if (__builtin_sub_overflow(a.as_time(), b.as_time(), &millis)) return kOverflow;
    out = JsonValue::integer(millis);
    return nullptr;
  }
  if (!is_number(a) || !is_number(b)) return kNotNumbers;
  if (!is_exact(a) || !is_exact(b)) return real(to_double(a) - to_double(b), out);
  const Aligned both(a, b);
  return narrowed(both.a - both.b, both.places, true, out);
}

Failure multiply(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (!is_number(a) || !is_number(b)) return kNotNumbers;
  if (!is_exact(a) || !is_exact(b)) return real(to_double(a) * to_double(b), out);
  const int places = places_of(a) + places_of(b);
  const Int128 product = static_cast<Int128>(a.units()) * b.units();
  if (places <= kDecimalPlacesMax) return narrowed(product, places, either_decimal(a, b), out);
  const auto rounded = rescale(product, places, kDecimalPlacesMax);
  if (!rounded) return kOverflow;
  out = JsonValue::decimal(*rounded, kDecimalPlacesMax);
  return nullptr;
}

Failure divide(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (!is_number(a) || !is_number(b)) return kNotNumbers;
  if (to_double(b) == 0) return kByZero;
  if (!is_exact(a) || !is_exact(b) || !either_decimal(a, b)) {
    return real(to_double(a) / to_double(b), out);
  }
  // units(a) / units(b) * 10^shift. The result has at least the places of `a`: shift is not
  // negative.
  const int places = std::min(std::max(places_of(a), places_of(b)) + 2, kDecimalPlacesMax);
  const int shift = places + places_of(b) - places_of(a);
  const int rest = std::min(shift, kDecimalPlacesMax);
  const Int128 numerator = static_cast<Int128>(a.units()) * power_of_ten(shift - rest);
  const auto quotient = divide_half_even(numerator, b.units(), rest);
  if (!quotient) return kOverflow;
  out = JsonValue::decimal(*quotient, places);
  return nullptr;
}

Failure remainder(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (!is_number(a) || !is_number(b)) return kNotNumbers;
  if (to_double(b) == 0) return kByZero;
  if (!is_exact(a) || !is_exact(b)) return real(std::fmod(to_double(a), to_double(b)), out);
  const Aligned both(a, b);
  return narrowed(both.a % both.b, both.places, either_decimal(a, b), out);
}

Failure negate(const JsonValue& a, JsonValue& out) {
  if (!is_number(a)) return kNotNumbers;
  if (a.kind() == ValueKind::kDouble) return real(-a.as_double(), out);
  return narrowed(-static_cast<Int128>(a.units()), places_of(a), a.kind() == ValueKind::kDecimal,
                  out);
}

Failure divide_duration(const JsonValue& a, const JsonValue& b, JsonValue& out) {
  if (a.kind() != ValueKind::kInt || b.kind() != ValueKind::kInt) return kNotNumbers;
  if (b.as_int() == 0) return kByZero;
  return narrowed(static_cast<Int128>(a.as_int()) / b.as_int(), 0, false, out);
}

namespace {

template <class T>
int order_of(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

bool compare(const JsonValue& a, const JsonValue& b, int& order) {
  if (is_number(a) && is_number(b)) {
    if (is_exact(a) && is_exact(b)) {
      if (places_of(a) == places_of(b)) {
        order = order_of(a.units(), b.units());
      } else {
        const Aligned both(a, b);
        order = order_of(both.a, both.b);
      }
    } else {
      order = order_of(to_double(a), to_double(b));
    }
    return true;
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case ValueKind::kBool:
    case ValueKind::kTime:
      order = order_of(a.as_time(), b.as_time());
      return true;
    case ValueKind::kString:
    case ValueKind::kRaw:
      order = order_of(a.text(), b.text());
      return true;
    default:
      return false;
  }
}

Failure to_decimal(const JsonValue& number, int places, JsonValue& out) {
  std::int64_t units = 0;
  if (is_exact(number)) {
    const auto scaled = rescale(number.units(), places_of(number), places);
    if (!scaled) return kOverflow;
    units = *scaled;
  } else if (number.kind() == ValueKind::kDouble) {
    // By its shortest text, so that 0.285 rounds as the number people see.
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), number.as_double()).ptr;
    const std::string_view shown(text, static_cast<std::size_t>(end - text));
    if (!parse_decimal(shown, places, units)) return kOverflow;
  } else {
    return kNotNumbers;
  }
  out = JsonValue::decimal(units, places);
  return nullptr;
}

}  // namespace weir::expression
