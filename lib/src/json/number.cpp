#include "json/number.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace weir::json {
namespace {

// A number taken apart: value = 0.d1 d2 ... dn * 10^point, d1 not 0. The digits stay in the text,
// with a dot among them perhaps; `count` counts them without it.
struct Parts {
  bool negative = false;
  const char* digits = nullptr;
  const char* end = nullptr;  // Where the digits end.
  std::int64_t count = 0;
  std::int64_t point = 0;
};

// Exponents beyond this mean zero or too large for every text that fits into memory.
constexpr std::int64_t kExponentMax = std::int64_t{1} << 50;

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// Reads "e-12" at `at`; false when it is there but damaged.
bool read_exponent(const char*& at, const char* end, std::int64_t& exponent) {
  if (at == end || (*at | 0x20) != 'e') return true;
  ++at;
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  const char* digits = at;
  for (; at != end && is_digit(*at); ++at) {
    exponent = std::min(exponent * 10 + (*at - '0'), kExponentMax);
  }
  if (negative) exponent = -exponent;
  return at != digits;
}

bool take_apart(std::string_view text, Parts& parts) {
  const char* at = text.data();
  const char* end = at + text.size();
  parts.negative = at != end && *at == '-';
  if (parts.negative) ++at;
  const char* whole = at;
  at = skip_digits(at, end);
  const std::int64_t whole_count = at - whole;
  if (whole_count == 0 || (*whole == '0' && whole_count > 1)) return false;
  parts.digits = whole;
  parts.count = whole_count;
  parts.end = at;
  if (at != end && *at == '.') {
    const char* fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return false;
    parts.count += at - fraction;
    parts.end = at;
  }
  std::int64_t exponent = 0;
  if (!read_exponent(at, end, exponent) || at != end) return false;
  parts.point = whole_count + exponent;
  for (; parts.digits != parts.end && (*parts.digits == '0' || *parts.digits == '.');
       ++parts.digits) {
    if (*parts.digits == '.') continue;
    --parts.count;
    --parts.point;
  }
  return true;
}

// What lies behind the kept digits, compared with one half of the last of them.
enum class Rest { kNothing, kBelowHalf, kHalf, kAboveHalf };

Rest rest_after(const char* at, const char* end) {
  while (at != end && *at == '.') ++at;
  if (at == end) return Rest::kNothing;
  const char first = *at++;
  bool more = false;
  for (; at != end; ++at) more |= *at != '0' && *at != '.';
  if (first == '0' && !more) return Rest::kNothing;
  if (first == '5' && !more) return Rest::kHalf;
  return first < '5' ? Rest::kBelowHalf : Rest::kAboveHalf;
}

bool rounds_away(Rest rest, bool odd, bool negative, Rounding rounding) {
  if (rounding == Rounding::kFloor) return negative && rest != Rest::kNothing;
  return rest == Rest::kAboveHalf || (rest == Rest::kHalf && odd);
}

// -magnitude or +magnitude when that fits.
NumberFault with_sign(std::uint64_t magnitude, bool negative, std::int64_t& units) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (magnitude > kLargest + (negative ? 1 : 0)) return NumberFault::kTooLarge;
  units = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
  return NumberFault::kNone;
}

}  // namespace

NumberFault scale_number(std::string_view text, int places, Rounding rounding,
                         std::int64_t& units) {
  Parts parts;
  if (!take_apart(text, parts)) return NumberFault::kNotANumber;
  if (parts.count == 0) return with_sign(0, false, units);
  const std::int64_t kept = parts.point + places;  // Digits in front of the rounding place.
  if (kept > 20) return NumberFault::kTooLarge;
  std::uint64_t magnitude = 0;
  const char* at = parts.digits;
  for (std::int64_t i = 0; i < kept; ++i) {
    if (at != parts.end && *at == '.') ++at;
    const unsigned digit = at != parts.end ? static_cast<unsigned>(*at++ - '0') : 0;
    if (__builtin_mul_overflow(magnitude, 10U, &magnitude) ||
        __builtin_add_overflow(magnitude, digit, &magnitude)) {
      return NumberFault::kTooLarge;
    }
  }
  const Rest rest = kept < 0 ? Rest::kBelowHalf : rest_after(at, parts.end);
  if (rest != Rest::kNothing && rounding == Rounding::kExact) return NumberFault::kNotExact;
  if (rounds_away(rest, (magnitude & 1) != 0, parts.negative, rounding) && ++magnitude == 0) {
    return NumberFault::kTooLarge;
  }
  return with_sign(magnitude, parts.negative, units);
}

const char* skip_number(const char* at) {
  if (*at == '-') ++at;
  if (!is_digit(*at)) return nullptr;
  if (*at == '0') {
    ++at;
  } else {
    while (is_digit(*at)) ++at;
  }
  if (*at == '.') {
    if (!is_digit(*++at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  if ((*at | 0x20) == 'e') {
    ++at;
    if (*at == '-' || *at == '+') ++at;
    if (!is_digit(*at)) return nullptr;
    while (is_digit(*at)) ++at;
  }
  return at;
}

bool is_number(std::string_view text) {
  Parts parts;
  return take_apart(text, parts);
}

}  // namespace weir::json
