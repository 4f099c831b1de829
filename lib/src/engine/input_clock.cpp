#include "engine/input_clock.h"

#include <algorithm>
#include <charconv>

namespace weir::engine {

namespace {

// Text, because brokers and their tools show it as it is: weir/detail/layout.h tells how.
constexpr std::string_view kStateForm = "weir1";
constexpr std::size_t kStateBytesMax = 3800;  // Brokers keep 4096 beside an offset.
constexpr std::int64_t kUnitStep = 16;        // One digit less for each distance.
constexpr int kKnown = 1, kEmpty = 2, kCaughtUp = 4;
constexpr char kNoTimeSign = '-', kEndSign = '+';

class StateText {
 public:
  explicit StateText(std::string_view text) : rest_(text) {
    good_ = rest_.starts_with(kStateForm);
    if (good_) rest_.remove_prefix(kStateForm.size());
  }
  bool take(std::int64_t& number) {
    good_ = good_ && rest_.starts_with(' ');
    if (!good_) return false;
    rest_.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    good_ = error == std::errc{};
    if (good_) rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return good_;
  }
  bool done() const { return good_ && rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool good_ = false;
};

void append_number(std::string& out, std::int64_t number) { out += " " + std::to_string(number); }

bool is_told(Timestamp time) { return time != kNoTime && time != kEndOfTime; }

void append_distance(std::string& out, Timestamp time, Timestamp base, std::int64_t unit) {
  if (!is_told(time)) {
    out += time == kNoTime ? kNoTimeSign : kEndSign;
    return;
  }
  const std::size_t at = out.size();
  for (std::int64_t units = (time - base) / unit; units > 0; units /= 16) {
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<char>('a' + units % 16));
  }
}

bool take_time(std::string_view& in, Timestamp base, std::int64_t unit, Timestamp& time) {
  if (!in.empty() && (in.front() == kNoTimeSign || in.front() == kEndSign)) {
    time = in.front() == kNoTimeSign ? kNoTime : kEndOfTime;
    in.remove_prefix(1);
    return true;
  }
  std::int64_t units = 0;
  for (; !in.empty() && in.front() >= 'a' && in.front() <= 'p'; in.remove_prefix(1)) {
    if (units > kEndOfTime / 16 / unit - 1) return false;
    units = units * 16 + (in.front() - 'a');
  }
  time = later(base, units * unit);
  return true;
}

}  // namespace

bool SourceClock::tick(Timestamp now) {
  if (silent_since_ == kNoTime) silent_since_ = now;
  if (!at_end_ || idle_.count() == 0 || newest_ == kNoTime) return false;
  const std::int64_t silence_ms = now - silent_since_;
  if (silence_ms < idle_.count()) return false;
  const Timestamp idle_time = later(newest_, silence_ms);
  if (idle_time <= reached_) return false;
  reached_ = idle_time;
  return true;
}

std::string SourceClock::state() const {
  std::string text(kStateForm);
  append_number(text, reached_);
  append_number(text, newest_);
  return text;
}

void SourceClock::resume(std::string_view state, Timestamp now) {
  silent_since_ = now;
  StateText text(state);
  Timestamp reached = 0, newest = 0;
  if (!text.take(reached) || !text.take(newest) || !text.done()) return;  // Somebody else's commit.
  reached_ = reached;
  newest_ = newest;
  seen_ = newest_ != kNoTime;
}

bool MarkerClock::accept(const Marker& marker) {
  // New source partitions bring new upstream tasks: from their first marker on they count. A task
  // that still speaks for fewer has not noticed yet.
  if (upstream_.size() < static_cast<std::size_t>(marker.tasks)) {
    upstream_.resize(static_cast<std::size_t>(marker.tasks));
  }
  Upstream& task = upstream_[static_cast<std::size_t>(marker.upstream)];
  const bool changed = !task.known || marker.reached > task.reached || task.empty != marker.empty ||
                       task.caught_up != marker.caught_up;
  task.known = true;
  task.reached = std::max(task.reached, marker.reached);
  task.empty = marker.empty && task.reached == kNoTime;
  task.caught_up = marker.caught_up;
  if (changed) update();
  return changed;
}

void MarkerClock::update() {
  Timestamp least = kEndOfTime;
  bool any = false;
  for (const Upstream& task : upstream_) {
    if (task.empty) continue;
    any = true;
    least = std::min(least, task.reached);
  }
  if (any) reached_ = std::max(reached_, least);
}

bool MarkerClock::caught_up() const {
  return !upstream_.empty() && std::all_of(upstream_.begin(), upstream_.end(),
                                           [](const Upstream& task) { return task.caught_up; });
}

bool MarkerClock::empty() const {
  return reached_ == kNoTime && !upstream_.empty() &&
         std::all_of(upstream_.begin(), upstream_.end(),
                     [](const Upstream& task) { return task.empty; });
}

std::string MarkerClock::state() const {
  Timestamp base = kEndOfTime;
  for (const Upstream& task : upstream_) {
    if (is_told(task.reached)) base = std::min(base, task.reached);
  }
  // Of so many tasks that their exact times do not fit beside an offset, times are rounded down: a
  // reader that starts again may close a window late by that much, never early.
  for (std::int64_t unit = 1;; unit *= kUnitStep) {
    std::string text(kStateForm);
    append_number(text, reached_);
    append_number(text, base);
    append_number(text, unit);
    text += ' ';
    for (const Upstream& task : upstream_) {
      text += static_cast<char>('A' + ((task.known ? kKnown : 0) | (task.empty ? kEmpty : 0) |
                                       (task.caught_up ? kCaughtUp : 0)));
      append_distance(text, task.reached, base, unit);
    }
    if (text.size() <= kStateBytesMax || unit > kEndOfTime / kUnitStep) return text;
  }
}

void MarkerClock::resume(std::string_view state) {
  StateText text(state);
  Timestamp reached = 0;
  std::int64_t base = 0, unit = 0;
  // Else it is somebody else's commit.
  if (!text.take(reached) || !text.take(base) || !text.take(unit) || unit < 1) return;
  std::vector<Upstream> upstream;
  std::string_view tasks = text.rest();
  if (!tasks.starts_with(' ')) return;
  tasks.remove_prefix(1);
  while (!tasks.empty()) {
    const int flags = tasks.front() - 'A';
    if (flags < 0 || flags > (kKnown | kEmpty | kCaughtUp)) return;
    tasks.remove_prefix(1);
    Upstream& task = upstream.emplace_back();
    task.known = (flags & kKnown) != 0;
    task.empty = (flags & kEmpty) != 0;
    task.caught_up = (flags & kCaughtUp) != 0;
    if (!take_time(tasks, base, unit, task.reached)) return;
  }
  reached_ = reached;
  upstream_ = std::move(upstream);
}

}  // namespace weir::engine
