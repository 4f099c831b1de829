// Decimal numbers that are exact: a 64-bit count of 10^-places. Sums of money come out the same in
// any order, and an overflow is seen instead of becoming a wrong number. No double is involved on
// the way from text to text.
//
//   Decimal<2> total;
//   std::optional<Decimal<2>> price = Decimal<2>::from_text("59.970000000000006");  // 59.97
//   if (!price || !total.add(*price)) return overflow();
//   std::string text = total.to_string();                                           // "59.97"
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weir/bytes.h>
#include <weir/error.h>

namespace weir {

__extension__ typedef __int128 Int128;

inline constexpr int kDecimalPlacesMax = 18;
inline constexpr std::size_t kDecimalTextMax = 24;  // Bytes of the longest text, with room.

// Reads the text of a JSON number, exponents and all, into units of 10^-places. More places than
// `places` are rounded half to even. An Error, with `units` untouched, when the text is no JSON
// number or the result does not fit 64 bits. REQUIRES: 0 <= places <= kDecimalPlacesMax.
Status parse_decimal(std::string_view number, int places, std::int64_t& units);

// Appends a plain JSON number with exactly `places` places: "750.00", "-0.05", "12".
void append_decimal(std::string& out, std::int64_t units, int places);

// The same into memory of kDecimalTextMax bytes; returns the end.
char* write_decimal(char* out, std::int64_t units, int places);

// numerator * 10^extra_places / divisor, rounded half to even. Nothing when the divisor is 0 or the
// result does not fit 64 bits. The average of decimals is
// `divide_half_even(sum_units, count, 2)`, with two places more than they have.
std::optional<std::int64_t> divide_half_even(Int128 numerator, std::int64_t divisor,
                                             int extra_places = 0);

// The same number with another count of places, rounded half to even when there are fewer. Nothing
// when it does not fit 64 bits. REQUIRES: 0 <= to_places; |from_places - to_places| <= 38.
std::optional<std::int64_t> rescale(Int128 units, int from_places, int to_places);

// 10^exponent. REQUIRES: 0 <= exponent <= 18.
constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// A decimal whose places are part of its type.
template <int Places>
class Decimal {
  static_assert(0 <= Places && Places <= kDecimalPlacesMax, "Decimal<N>: N is 0 to 18");

 public:
  static constexpr int kPlaces = Places;

  constexpr Decimal() = default;
  static constexpr Decimal from_units(std::int64_t units) {
    Decimal made;
    made.units_ = units;
    return made;
  }
  // What `parse_decimal` reads; nothing where it gives an Error.
  static std::optional<Decimal> from_text(std::string_view number) {
    Decimal made;
    if (!parse_decimal(number, Places, made.units_)) return std::nullopt;
    return made;
  }

  constexpr std::int64_t units() const { return units_; }
  std::string to_string() const {
    char text[kDecimalTextMax];
    return std::string(text, write_decimal(text, units_, Places));
  }

  // False, and unchanged, when the result does not fit.
  [[nodiscard]] constexpr bool add(Decimal other) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(units_, other.units_, &sum)) return false;
    units_ = sum;
    return true;
  }
  [[nodiscard]] constexpr bool subtract(Decimal other) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(units_, other.units_, &difference)) return false;
    units_ = difference;
    return true;
  }

  constexpr auto operator<=>(const Decimal&) const = default;

  // Its bytes in state.
  void write(std::string& out) const { append_zigzag(out, units_); }
  bool read(std::string_view& in) { return read_zigzag(in, units_); }

 private:
  std::int64_t units_ = 0;
};

}  // namespace weir
