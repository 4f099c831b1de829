#include <algorithm>
#include <numeric>

#include <weir/detail/timed_table.h>
#include <weir/windows.h>

namespace weir::detail {

namespace {

std::string not_positive(const std::string& name, const char* option) {
  return "'" + name + "': " + option + " must be above zero";
}

// Each record of a window without panes is added to as many; late ones are told apart by it.
constexpr std::int64_t kOverlapMax = 10'000;
constexpr std::int64_t kWindowMsMax = std::int64_t{100} * 365 * 24 * 3600 * 1000;  // A century.

}  // namespace

std::string in_words(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string words = rest < 0 ? "-" : "";
  rest = std::abs(rest);
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}, {1, "ms"}};
  for (const auto& [millis, unit] : kUnits) {
    if (rest >= millis) words += std::to_string(rest / millis) + unit;
    rest %= millis;
  }
  return words;
}

namespace {

std::string emit_in_words(Emit emit) { return emit == Emit::on_close ? "on close" : "on update"; }

}  // namespace

std::string in_words(const Windows& windows, Emit emit) {
  std::string words = "size " + in_words(windows.size);
  if (windows.every.count() != 0 && windows.every != windows.size) {
    words += ", every " + in_words(windows.every);
  }
  return words + ", grace " + in_words(windows.grace) + ", " + emit_in_words(emit);
}

std::string in_words(const PerEvent& windows, Emit emit) {
  return "size " + in_words(windows.size) + ", every event, grace " + in_words(windows.grace) +
         ", " + emit_in_words(emit);
}

std::string in_words(const Session& windows, Emit emit) {
  return "gap " + in_words(windows.gap) + ", grace " + in_words(windows.grace) + ", " +
         emit_in_words(emit);
}

std::string wrong_with(const std::string& name, const Windows& windows) {
  if (windows.size.count() <= 0) return not_positive(name, "the window's size");
  if (windows.size.count() > kWindowMsMax) return "'" + name + "': the window is over a century";
  if (windows.every.count() < 0) return "'" + name + "': 'every' cannot be negative";
  if (windows.every > windows.size) {
    return "'" + name + "': 'every' (" + in_words(windows.every) + ") is longer than the window (" +
           in_words(windows.size) + "): records between two windows would be in none";
  }
  if (windows.every.count() > 0 && windows.size / windows.every > kOverlapMax) {
    return "'" + name + "': more than " + std::to_string(kOverlapMax) +
           " windows would overlap: make 'every' longer";
  }
  if (windows.grace.count() < 0) return "'" + name + "': grace cannot be negative";
  if (windows.grace.count() > kWindowMsMax) return "'" + name + "': the grace is over a century";
  return {};
}

std::string wrong_with(const std::string& name, const PerEvent& windows) {
  if (windows.size.count() < 0) return "'" + name + "': the window's size cannot be negative";
  if (windows.grace.count() < 0) return "'" + name + "': grace cannot be negative";
  if (std::max(windows.size, windows.grace).count() > kWindowMsMax) {
    return "'" + name + "': the window or its grace is over a century";
  }
  return {};
}

std::string wrong_with(const std::string& name, const Session& windows) {
  if (windows.gap.count() <= 0) return not_positive(name, "the session's gap");
  if (windows.grace.count() < 0) return "'" + name + "': grace cannot be negative";
  if (std::max(windows.gap, windows.grace).count() > kWindowMsMax) {
    return "'" + name + "': the gap or its grace is over a century";
  }
  return {};
}

StepWindows::StepWindows(const Windows& windows)
    : size_(std::max<std::int64_t>(1, windows.size.count())),
      every_(windows.every.count() > 0 ? windows.every.count() : size_),
      pane_(std::gcd(size_, every_)),
      grace_(windows.grace.count()) {}

Timestamp StepWindows::first_with(Timestamp time) const {
  // Time begins with the epoch: no window starts before it, as in Kafka Streams.
  return std::max<Timestamp>(0, floor_to(time - size_ + every_, every_));
}
Timestamp StepWindows::last_with(Timestamp time) const { return floor_to(time, every_); }
Timestamp StepWindows::pane_with(Timestamp time) const { return floor_to(time, pane_); }

Timestamp StepWindows::first_open(Timestamp now) const {
  if (now == kNoTime || now == kEndOfTime) return now;
  // The smallest multiple s of `every` with s + size + grace > now.
  return later(floor_to(later(now, -(size_ + grace_)), every_), every_);
}

}  // namespace weir::detail
