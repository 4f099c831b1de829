// A TZif file, in big endian:
//   header  = "TZif" version(1) reserved(15) six counts(4 each): isut, isstd, leap, time, type,
//   char block   = times(time * width) indexes(time) types(type * 6) chars leaps isstd isut type =
//   offset(4) is_summer(1) name(1) file    = header block(width 4) [header block(width 8) "\n"
//   POSIX rule "\n"]  from version 2 on
#include "json/zone_rules.h"

#include <algorithm>
#include <cstddef>

#include "json/calendar.h"

namespace weir::json {
namespace {

constexpr std::int64_t kRepeatSeconds = 146'097 * kSecondsPerDay;  // 400 years.
constexpr std::size_t kHeaderBytes = 44;
constexpr std::size_t kTypeBytes = 6;
constexpr std::uint64_t kCountMax = 1U << 20;
constexpr std::int64_t kOffsetMax = 26 * 3600;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::int64_t signed_number(std::string_view bytes) {
  const std::uint64_t value = big_endian(bytes);
  return bytes.size() == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
}

struct Header {
  char version = 0;
  std::uint64_t isut = 0, isstd = 0, leap = 0, time = 0, type = 0, chars = 0;

  std::size_t block_bytes(std::size_t width) const {
    return static_cast<std::size_t>(time * width + time + type * kTypeBytes + chars +
                                    leap * (width + 4) + isstd + isut);
  }
};

bool take_header(std::string_view& in, Header& header) {
  if (in.size() < kHeaderBytes || !in.starts_with("TZif")) return false;
  header.version = in[4];
  std::uint64_t* counts[] = {&header.isut, &header.isstd, &header.leap,
                             &header.time, &header.type,  &header.chars};
  for (std::size_t i = 0; i < std::size(counts); ++i) {
    *counts[i] = big_endian(in.substr(20 + 4 * i, 4));
    if (*counts[i] > kCountMax) return false;
  }
  in.remove_prefix(kHeaderBytes);
  return header.type > 0;
}

bool read_block(std::string_view in, const Header& header, std::size_t width, ZoneRules& rules) {
  const std::string_view times = in.substr(0, header.time * width);
  const std::string_view indexes = in.substr(times.size(), header.time);
  const std::string_view types = in.substr(times.size() + indexes.size(), header.type * kTypeBytes);
  const auto offset_of = [&](std::size_t type) {
    return signed_number(types.substr(type * kTypeBytes, 4));
  };
  for (std::size_t type = 0; type < header.type; ++type) {
    if (offset_of(type) < -kOffsetMax || offset_of(type) > kOffsetMax) return false;
  }
  rules.first_offset = static_cast<std::int32_t>(offset_of(0));
  for (std::size_t i = 0; i < header.time; ++i) {
    const auto type = static_cast<unsigned char>(indexes[i]);
    if (type >= header.type) return false;
    const std::int64_t at = signed_number(times.substr(i * width, width));
    if (!rules.changes.empty() && rules.changes.back().at >= at) return false;
    rules.changes.push_back({at, static_cast<std::int32_t>(offset_of(type))});
  }
  return true;
}

// How many seconds to take off so that `seconds` lies within the changes that are known.
std::int64_t to_known_years(const ZoneRules& rules, std::int64_t seconds) {
  if (!rules.repeats || seconds < rules.changes.back().at - 2 * kSecondsPerDay) return 0;
  const std::int64_t beyond = seconds - (rules.changes.back().at - 2 * kSecondsPerDay);
  return (beyond / kRepeatSeconds + 1) * kRepeatSeconds;
}

}  // namespace

std::optional<ZoneRules> read_zone_file(std::string_view bytes) {
  Header header;
  if (!take_header(bytes, header) || bytes.size() < header.block_bytes(4)) return std::nullopt;
  ZoneRules rules;
  if (header.version < '2') {
    if (!read_block(bytes, header, 4, rules)) return std::nullopt;
    return rules;
  }
  bytes.remove_prefix(header.block_bytes(4));
  if (!take_header(bytes, header) || bytes.size() < header.block_bytes(8)) return std::nullopt;
  if (!read_block(bytes, header, 8, rules)) return std::nullopt;
  bytes.remove_prefix(header.block_bytes(8));
  if (bytes.size() < 2 || bytes.front() != '\n' || bytes.back() != '\n') return std::nullopt;
  const std::string_view rule = bytes.substr(1, bytes.size() - 2);
  if (!rule.empty() && !append_posix_rule(rule, rules)) return std::nullopt;
  return rules;
}

std::int32_t ZoneRules::offset_at(std::int64_t utc_seconds) const {
  utc_seconds -= to_known_years(*this, utc_seconds);
  const auto after = std::upper_bound(
      changes.begin(), changes.end(), utc_seconds,
      [](std::int64_t time, const ZoneChange& change) { return time < change.at; });
  return after == changes.begin() ? first_offset : std::prev(after)->offset;
}

std::int64_t ZoneRules::to_utc(std::int64_t local_seconds) const {
  const std::int64_t repeated = to_known_years(*this, local_seconds);
  local_seconds -= repeated;
  // The first change that clocks with the offset before it have not reached yet. Changes are days
  // apart and offsets hours, so the changes are in order by that local time as well.
  std::int32_t before = first_offset;
  const auto offset_before = [this](const ZoneChange& change) {
    return &change == changes.data() ? first_offset : (&change - 1)->offset;
  };
  const auto next = std::partition_point(
      changes.begin(), changes.end(),
      [&](const ZoneChange& change) { return local_seconds - offset_before(change) >= change.at; });
  if (next != changes.begin()) {
    const ZoneChange& last = *std::prev(next);
    // Skipped by the clocks: this change's own offset would lead back before it.
    const bool skipped = local_seconds - last.offset < last.at;
    before = skipped ? offset_before(last) : last.offset;
  }
  return local_seconds - before + repeated;
}

}  // namespace weir::json
