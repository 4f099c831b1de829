// The text of JSON numbers: number = [-] int [. digits] [(e|E) [+|-] digits], where int is 0 or
// digits that do not start with 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::json {

enum class Rounding { kHalfToEven, kFloor, kExact };

enum class NumberFault { kNone, kNotANumber, kNotExact, kTooLarge };

// Reads `text` as a whole number of 10^-places. kExact refuses what would need rounding. `units` is
// untouched on a fault. `places` may be negative: -3 counts thousands.
NumberFault scale_number(std::string_view text, int places, Rounding rounding, std::int64_t& units);

// The first byte after the number that starts at `at`; null when none starts there. REQUIRES: a
// byte that belongs to no number, such as a NUL, follows somewhere.
const char* skip_number(const char* at);

bool is_number(std::string_view text);

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') <= 9; }

}  // namespace weir::json
