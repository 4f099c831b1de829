#include "engine/latency_sample.h"

#include <algorithm>

namespace weir::engine {

namespace {

double seconds_between(Timestamp from, Timestamp to) {
  return static_cast<double>(std::max<Timestamp>(0, to - from)) / 1e3;
}

}  // namespace

void LatencySample::add(Timestamp event, Timestamp read) {
  if (times_.size() == kTimesMax) thin_out();
  times_.push_back({event, read});
  until_ = every_;
}

// Those that came first waited longest: what stays is taken evenly from all of them.
void LatencySample::thin_out() {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < times_.size(); at += 2) times_[kept++] = times_[at];
  times_.resize(kept);
  every_ *= 2;
}

void LatencySample::committed(Timestamp now, Histogram& since_event, Histogram& since_read) {
  for (const Times& times : times_) {
    since_event.observe(seconds_between(times.event, now), every_);
    since_read.observe(seconds_between(times.read, now), every_);
  }
  if (every_ > 1 && times_.size() < kTimesMax / 2) every_ /= 2;
  aborted();
}

void LatencySample::aborted() {
  times_.clear();
  until_ = 1;
}

}  // namespace weir::engine
