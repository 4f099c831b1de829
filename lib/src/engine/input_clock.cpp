#include "engine/input_clock.h"

#include <algorithm>
#include <charconv>

namespace weir::engine {

namespace {

// Text, because brokers and their tools show it as it is:
//   source: "weir1 <reached> <newest>"
//   markers: "weir1 <reached> <tasks>" then for each task " <reached> <flags>"
//   flags: 1 known, 2 empty, 4 caught up
constexpr std::string_view kStateForm = "weir1";
constexpr std::size_t kStateBytesMax = 3800;  // Brokers keep 4096 beside an offset.
constexpr std::int64_t kKnown = 1, kEmpty = 2, kCaughtUp = 4;

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

 private:
  std::string_view rest_;
  bool good_ = false;
};

void append_number(std::string& out, std::int64_t number) { out += " " + std::to_string(number); }

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
  std::string text(kStateForm);
  append_number(text, reached_);
  std::string all = text;
  append_number(all, static_cast<std::int64_t>(upstream_.size()));
  for (const Upstream& task : upstream_) {
    append_number(all, task.reached);
    append_number(all, (task.known ? kKnown : 0) | (task.empty ? kEmpty : 0) |
                           (task.caught_up ? kCaughtUp : 0));
  }
  if (all.size() <= kStateBytesMax) return all;
  return text + " 0";
}

void MarkerClock::resume(std::string_view state) {
  StateText text(state);
  Timestamp reached = 0;
  std::int64_t tasks = 0;
  if (!text.take(reached) || !text.take(tasks)) return;  // Somebody else's commit.
  reached_ = reached;
  upstream_.clear();
  std::int64_t flags = 0;
  for (Upstream task; tasks > 0 && text.take(task.reached) && text.take(flags); --tasks) {
    task.known = (flags & kKnown) != 0;
    task.empty = (flags & kEmpty) != 0;
    task.caught_up = (flags & kCaughtUp) != 0;
    upstream_.push_back(task);
  }
}

}  // namespace weir::engine
