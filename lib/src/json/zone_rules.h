// The rules of one time zone, as tzfile(5) has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::json {

// From `at` on, clocks are `offset` seconds ahead of UTC.
struct ZoneChange {
  std::int64_t at = 0;
  std::int32_t offset = 0;
};

struct ZoneRules {
  std::int32_t first_offset = 0;  // Before the first change.
  std::vector<ZoneChange> changes{};
  // The last 400 years of changes repeat for ever: the calendar does. False: the last offset stays.
  bool repeats = false;

  std::int64_t to_utc(std::int64_t local_seconds) const;
  std::int32_t offset_at(std::int64_t utc_seconds) const;
};

// Reads the bytes of a TZif file, version 1 to 4. Nothing when they are damaged.
std::optional<ZoneRules> read_zone_file(std::string_view bytes);

// Reads a POSIX rule such as "CET-1CEST,M3.5.0,M10.5.0/3" and appends its changes after the last
// change in `rules`, 400 years of them. False, and nothing changed, when it is damaged.
bool append_posix_rule(std::string_view rule, ZoneRules& rules);

}  // namespace weir::json
