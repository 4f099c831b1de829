#include "engine/input_clock.h"

#include <algorithm>
#include <charconv>

namespace weir::engine {

namespace {

// "weir1 <reached> <newest>" in decimal: brokers and their tools show it as it is.
constexpr std::string_view kStateForm = "weir1 ";

bool take_number(std::string_view& text, Timestamp& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return true;
}

bool read_state(std::string_view state, Timestamp& reached, Timestamp& newest) {
  if (!state.starts_with(kStateForm)) return false;
  state.remove_prefix(kStateForm.size());
  return take_number(state, reached) && take_number(state, newest) && state.empty();
}

std::string write_state(Timestamp reached, Timestamp newest) {
  return std::string(kStateForm) + std::to_string(reached) + " " + std::to_string(newest);
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

std::string SourceClock::state() const { return write_state(reached_, newest_); }

void SourceClock::resume(std::string_view state, Timestamp now) {
  silent_since_ = now;
  if (!read_state(state, reached_, newest_)) return;  // Somebody else's commit: begin anew.
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

std::string MarkerClock::state() const { return write_state(reached_, kNoTime); }

void MarkerClock::resume(std::string_view state) {
  Timestamp newest = kNoTime;
  static_cast<void>(read_state(state, reached_, newest));  // Ignored: unreadable is "nothing yet".
}

}  // namespace weir::engine
