#include "engine/step_watch.h"

#include <algorithm>

namespace weir::engine {

namespace {

// What one look at the clock takes: it is no work of the stages.
std::int64_t clock_ns() {
  using Clock = std::chrono::steady_clock;
  static const std::int64_t least = [] {
    std::int64_t shortest = 1000;
    for (int times = 0; times < 100; ++times) {
      const Clock::time_point begun = Clock::now();
      const auto took = std::chrono::nanoseconds(Clock::now() - begun).count();
      shortest = std::min<std::int64_t>(shortest, took);
    }
    return shortest;
  }();
  return least;
}

}  // namespace

void StepWatch::add_edge(OutputMeter& from, int stage, int output, int child) {
  from.stage = stage;
  from.output = output;
  from.children.push_back(child);
  if (from.children.size() == 1) meters_.push_back({&from});
}

// ---- The clock ---------------------------------------------------------------------------------

void StepWatch::begin(int stage) {
  timing_ = true;
  arm();
  frames_.clear();  // Of a record that ended in an exception.
  frames_.push_back({static_cast<std::size_t>(stage), 0});
  at_ = Clock::now();
}

void StepWatch::end() {
  frames_.back().own_ns += lap();
  while (!frames_.empty()) close_frame();
  timing_ = false;
  arm();
  weight_ = kEvery / 2 + random_ % kEvery;
  random_ = random_ * 1'664'525 + 1'013'904'223;
  until_ = weight_;
}

std::int64_t StepWatch::lap() {
  const Clock::time_point now = Clock::now();
  const std::int64_t took = std::chrono::nanoseconds(now - at_).count() - clock_ns();
  at_ = now;
  return std::max<std::int64_t>(0, took);
}

void StepWatch::enter(int stage) {
  if (!timing_) return;
  frames_.back().own_ns += lap();
  frames_.push_back({static_cast<std::size_t>(stage), 0});
}

void StepWatch::leave() {
  if (!timing_) return;
  frames_.back().own_ns += lap();
  close_frame();
}

void StepWatch::close_frame() {
  Spent& spent = spent_[frames_.back().stage];
  const auto own = static_cast<double>(frames_.back().own_ns);
  spent.busy_ns += own * weight_;
  spent.times.observe(own / 1e9);
  frames_.pop_back();
}

// ---- Who looks ---------------------------------------------------------------------------------

void StepWatch::arm() {
  for (Meter& one : meters_) one.meter->watch = timing_ || one.wanted ? this : nullptr;
}

void StepWatch::set_watcher(RecordWatcher* watcher) {
  watcher_ = watcher;
  for (Meter& one : meters_) {
    one.wanted = watcher != nullptr && watcher->wants(one.meter->stage, one.meter->output);
  }
  arm();
}

void StepWatch::on_record(const OutputMeter& output, std::type_index type, const void* record) {
  if (watcher_ == nullptr || !watcher_->wants(output.stage, output.output)) return;
  watcher_->on_record(output.stage, output.output, type, record);
}

// ---- Counts ------------------------------------------------------------------------------------

void StepWatch::committed() {
  for (Meter& one : meters_) one.committed = one.meter->records;
}

void StepWatch::aborted() {
  for (Meter& one : meters_) one.meter->records = one.committed;
}

std::uint64_t StepWatch::committed_records(const OutputMeter& output) const {
  const auto found = std::find_if(meters_.begin(), meters_.end(),
                                  [&](const Meter& one) { return one.meter == &output; });
  return found == meters_.end() ? 0 : found->committed;
}

}  // namespace weir::engine
