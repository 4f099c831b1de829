#include "cli/numbers.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "job/scalar.h"
#include "job/settings.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

std::string printed(const char* format, double number) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), format, number);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

Timestamp now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::optional<std::int64_t> integer_of(const Call& call, std::string_view flag) {
  const auto text = call.value(flag);
  std::int64_t number = 0;
  if (!text || !job::parse_integer(*text, number) || number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> duration_of(const Call& call, std::string_view flag) {
  const auto text = call.value(flag);
  if (!text || !job::fits(job::Want::duration, {}, *text)) return std::nullopt;
  job::Node map;
  map.kind = job::Node::Kind::map;
  for (auto* list : {&map.keys, &map.items}) {
    job::Node& node = list->emplace_back();
    node.kind = job::Node::Kind::scalar;
    node.text = list == &map.keys ? "value" : *text;
  }
  return job::duration_at(&map, "value", 0);
}

bool read_time_flag(const std::string& text, Timestamp& into) {
  return text.empty() || parse_time(text, {}, into);
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string short_number(double number) {
  if (number >= 999'950'000) return printed("%.1f G", number / 1e9);
  if (number >= 999'950) return printed("%.1f M", number / 1e6);
  if (number >= 10'000) return printed("%.1f k", number / 1e3);
  return number >= 100 || number == 0 ? printed("%.0f", number) : printed("%.1f", number);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds);
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld", whole / 3600,
                                 whole / 60 % 60, whole % 60);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string bytes_text(double bytes) {
  if (bytes >= 1e9) return printed("%.1f GB", bytes / 1e9);
  if (bytes >= 1e6) return printed("%.1f MB", bytes / 1e6);
  if (bytes >= 1e3) return printed("%.1f kB", bytes / 1e3);
  return printed("%.0f B", bytes);
}

std::string duration_text(std::int64_t ms) {
  struct Unit {
    std::int64_t ms;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}};
  std::string text;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = ms / unit.ms;
    if (count == 0) continue;
    if (!text.empty()) text += " ";
    text += std::to_string(count) + std::string(unit.name);
    ms %= unit.ms;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace weir::cli
