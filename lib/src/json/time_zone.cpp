#include <fstream>
#include <iterator>

#include "json/number.h"
#include "json/zone_rules.h"
#include <weir/time_format.h>

namespace weir {
namespace {

constexpr std::size_t kZoneNameMax = 64;
constexpr std::streamsize kZoneFileMax = 1 << 20;

// "+05:30", "-0330" or "+05".
bool read_fixed(std::string_view name, std::int32_t& offset) {
  if (name.empty() || (name.front() != '+' && name.front() != '-')) return false;
  const bool west = name.front() == '-';
  std::string digits;
  for (const char c : name.substr(1)) {
    if (c == ':' && digits.size() == 2 && name.size() == 6) continue;
    if (!json::is_digit(c)) return false;
    digits.push_back(c);
  }
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4) return false;
  const std::int32_t hours = (digits[0] - '0') * 10 + (digits[1] - '0');
  const std::int32_t minutes = (digits[2] - '0') * 10 + (digits[3] - '0');
  if (hours > 23 || minutes > 59) return false;
  offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return true;
}

// A relative path of plain words: nothing that could leave the directory.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > kZoneNameMax || name.front() == '/') return false;
  for (const char c : name) {
    const char lower = static_cast<char>(c | 0x20);
    const bool good = (lower >= 'a' && lower <= 'z') || json::is_digit(c) || c == '/' || c == '_' ||
                      c == '-' || c == '+';
    if (!good) return false;
  }
  return true;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  if (!file) return bytes;
  bytes.resize(static_cast<std::size_t>(kZoneFileMax));
  file.read(bytes.data(), kZoneFileMax);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

TimeZone TimeZone::fixed(std::int32_t offset_seconds) {
  TimeZone zone;
  zone.offset_ = offset_seconds;
  return zone;
}

Result<TimeZone> TimeZone::find(std::string_view name, std::string_view directory) {
  if (name == "UTC" || name == "Z") return TimeZone();
  std::int32_t offset = 0;
  if (read_fixed(name, offset)) return fixed(offset);
  const std::string quoted = "'" + std::string(name.substr(0, kZoneNameMax)) + "'";
  if (!is_zone_name(name)) {
    return Error{"unknown time zone " + quoted, "a name such as Europe/Berlin, or +01:00"};
  }
  const std::string path = std::string(directory) + "/" + std::string(name);
  const std::string bytes = read_file(path);
  if (bytes.empty()) {
    return Error{"unknown time zone " + quoted,
                 "no file " + path + "; is the package tzdata installed?"};
  }
  std::optional<json::ZoneRules> rules = json::read_zone_file(bytes);
  if (!rules) return Error{"time zone " + quoted + " cannot be read", path + " is damaged"};
  TimeZone zone;
  zone.rules_ = std::make_shared<const json::ZoneRules>(std::move(*rules));
  return zone;
}

std::int64_t TimeZone::to_utc(std::int64_t local_seconds) const {
  return rules_ ? rules_->to_utc(local_seconds) : local_seconds - offset_;
}

std::int32_t TimeZone::offset_at(std::int64_t utc_seconds) const {
  return rules_ ? rules_->offset_at(utc_seconds) : offset_;
}

}  // namespace weir
