// Times as text: every form producers send, one form on output.
//
//   Timestamp time = 0;
//   if (Status s = parse_time("2025-11-24T10:50:00.250+01:00", {}, time); !s) return s.error();
//   append_time_text(out, time);  // 2025-11-24T09:50:00.250Z
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <weir/error.h>
#include <weir/time.h>

namespace weir {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what has a text.
inline constexpr Timestamp kTimeTextFirst = -62'135'596'800'000;
inline constexpr Timestamp kTimeTextLast = 253'402'300'799'999;
inline constexpr std::size_t kTimeTextMax = 24;  // Bytes of the longest text.

namespace json {
struct ZoneRules;
}

// What a local time without an offset means. A cheap copy; the rules are shared and never change.
class TimeZone {
 public:
  TimeZone() = default;  // UTC
  static TimeZone fixed(std::int32_t offset_seconds);

  // "UTC", "Z", "+05:30", "-03:00", or a name of the time zone database, "Europe/Berlin", read from
  // `directory`. An Error for anything else.
  static Result<TimeZone> find(std::string_view name,
                               std::string_view directory = "/usr/share/zoneinfo");

  // The time at which clocks there show `local_seconds`, a count from 1970-01-01T00:00:00 local.
  // When they show it twice, the first time; when they skip it, as much later as they skip. (In
  // both cases the offset from before the change counts.)
  std::int64_t to_utc(std::int64_t local_seconds) const;

  std::int32_t offset_at(std::int64_t utc_seconds) const;

 private:
  std::int32_t offset_ = 0;
  std::shared_ptr<const json::ZoneRules> rules_;  // Null for a fixed offset.
};

// What a number means. kAuto goes by its size, without the sign: below 1e11 it is seconds (up to
// the year 5138), below 1e14 milliseconds (from 1973 to 5138), else microseconds.
enum class EpochUnit : std::uint8_t { kAuto, kSeconds, kMillis, kMicros };

struct TimeReading {
  TimeZone zone{};  // For text without an offset.
  EpochUnit unit = EpochUnit::kAuto;
};

// Reads
//   2025-09-23T10:11:12.123456   2025-09-23 10:11:12   2025-09-23T10:11   2025-09-23
// with any count of digits of a second, and behind a time of day `Z`, `+01:00`, `+0100` or `+01`;
// or a number of seconds, milliseconds or microseconds since 1970, with fraction and exponent if
// need be. What is finer than a millisecond is cut off, towards the past. An Error, and `time`
// untouched, for anything else: no spaces around, no day or hour that does not exist, no second 60,
// nothing before the year 1 or after 9999 (in UTC).
Status parse_time(std::string_view text, const TimeReading& reading, Timestamp& time);

// Appends RFC 3339 in UTC, milliseconds only when they are not zero: 2025-11-24T10:50:00Z. False,
// and nothing appended, for a time outside kTimeTextFirst to kTimeTextLast.
bool append_time_text(std::string& out, Timestamp time);

// The same into memory of kTimeTextMax bytes; returns the end, null when there is no text.
char* write_time_text(char* out, Timestamp time);

}  // namespace weir
