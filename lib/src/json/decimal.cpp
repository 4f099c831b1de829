#include <charconv>
#include <limits>

#include "json/number.h"
#include <weir/decimal.h>

namespace weir {
namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> narrow(Int128 wide) {
  if (wide < kMin || wide > kMax) return std::nullopt;
  return static_cast<std::int64_t>(wide);
}

// quotient + remainder / divisor, to the nearest whole number, the even one of two.
Int128 round_half_even(Int128 quotient, Int128 remainder, Int128 divisor) {
  if (remainder == 0) return quotient;
  const bool negative = (remainder < 0) != (divisor < 0);
  const Int128 left = remainder < 0 ? -remainder : remainder;
  const Int128 whole = divisor < 0 ? -divisor : divisor;
  const Int128 beyond_half = left - (whole - left);
  if (beyond_half < 0 || (beyond_half == 0 && quotient % 2 == 0)) return quotient;
  return quotient + (negative ? -1 : 1);
}

bool multiply(Int128& number, Int128 by) { return !__builtin_mul_overflow(number, by, &number); }

}  // namespace

Status parse_decimal(std::string_view number, int places, std::int64_t& units) {
  using json::NumberFault;
  switch (json::scale_number(number, places, json::Rounding::kHalfToEven, units)) {
    case NumberFault::kNone:
      return {};
    case NumberFault::kTooLarge:
      return Error{"number does not fit a decimal with " + std::to_string(places) + " places"};
    default:
      return Error{"not a number"};
  }
}

char* write_decimal(char* out, std::int64_t units, int places) {
  auto magnitude = static_cast<std::uint64_t>(units);
  if (units < 0) {
    *out++ = '-';
    magnitude = ~magnitude + 1;
  }
  const auto scale = static_cast<std::uint64_t>(power_of_ten(places));
  out = std::to_chars(out, out + 20, magnitude / scale).ptr;
  if (places == 0) return out;
  *out = '.';
  std::uint64_t fraction = magnitude % scale;
  for (int i = places; i > 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
  return out + places + 1;
}

void append_decimal(std::string& out, std::int64_t units, int places) {
  char text[kDecimalTextMax];
  out.append(text, static_cast<std::size_t>(write_decimal(text, units, places) - text));
}

std::optional<std::int64_t> divide_half_even(Int128 numerator, std::int64_t divisor,
                                             int extra_places) {
  if (divisor == 0) return std::nullopt;
  // In two steps, so that neither product can leave 128 bits unless the result leaves 64: the
  // remainder is below 2^63 and 10^18 below 2^60.
  const Int128 scale = power_of_ten(extra_places);
  Int128 whole = numerator / divisor;
  const Int128 part = numerator % divisor * scale;
  if (!multiply(whole, scale)) return std::nullopt;
  const Int128 quotient = whole + part / divisor;
  return narrow(round_half_even(quotient, part % divisor, divisor));
}

std::optional<std::int64_t> rescale(Int128 units, int from_places, int to_places) {
  int more = to_places - from_places;
  for (; more > 0; --more) {
    if (!multiply(units, 10)) return std::nullopt;
  }
  if (more == 0) return narrow(units);
  Int128 divisor = 1;
  for (; more < 0; ++more) divisor *= 10;
  return narrow(round_half_even(units / divisor, units % divisor, divisor));
}

}  // namespace weir
