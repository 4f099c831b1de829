// Time as the library sees it: milliseconds since the epoch, always handed in, never asked for.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace weir {

using Timestamp = std::int64_t;  // Milliseconds since 1970-01-01T00:00:00Z.
using Duration = std::chrono::milliseconds;

inline constexpr Timestamp kNoTime = std::numeric_limits<Timestamp>::min();     // Nothing seen yet.
inline constexpr Timestamp kEndOfTime = std::numeric_limits<Timestamp>::max();  // Input has ended.

// `time + duration` that stays within the range instead of overflowing. kNoTime and kEndOfTime
// absorb: they mean "before everything" and "after everything", whatever is added.
constexpr Timestamp later(Timestamp time, std::int64_t millis) {
  if (time == kNoTime || time == kEndOfTime) return time;
  Timestamp sum = 0;
  if (!__builtin_add_overflow(time, millis, &sum)) return sum;
  return millis > 0 ? kEndOfTime : kNoTime;
}
constexpr Timestamp later(Timestamp time, Duration by) { return later(time, by.count()); }
constexpr Timestamp earlier(Timestamp time, Duration by) { return later(time, -by.count()); }

// A span of event time, `[start, end)`. Sessions and per-event windows include their end as well.
struct Window {
  Timestamp start = 0;
  Timestamp end = 0;
  auto operator<=>(const Window&) const = default;
};

// The key of a windowed result.
template <class K>
struct Windowed {
  K key{};
  Window window{};
  auto operator<=>(const Windowed&) const = default;
};

}  // namespace weir
