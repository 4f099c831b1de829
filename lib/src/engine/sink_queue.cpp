#include "engine/sink_queue.h"

#include <algorithm>

namespace weir::engine {

using Progress = SinkQueue::Progress;
using Call = SinkLane::Call;

Progress worse(Progress a, Progress b) { return std::max(a, b); }

SinkQueue::SinkQueue(std::string name, std::vector<std::unique_ptr<Sink>> sinks, SinkBell& bell,
                     Refused refused)
    : name_(std::move(name)), refused_(std::move(refused)), pace_(sinks.front()->pace()) {
  for (std::unique_ptr<Sink>& sink : sinks) {
    lanes_.push_back({std::make_unique<SinkLane>(std::move(sink), pace_.in_flight > 0, bell)});
  }
  away_ = pace_.in_flight > 0;
}

std::size_t SinkQueue::lane_of(const SinkSource& source) const {
  const auto number = static_cast<std::size_t>(source.sub_topology + source.partition);
  return number % lanes_.size();
}

void SinkQueue::add(const OutputRecord& record, const SinkSource& source, std::int64_t number) {
  lanes_[lane_of(source)].filling.add(record, source, number);
  ++added_;
}

bool SinkQueue::is_full(const Lane& lane) const {
  return lane.filling.records() >= pace_.batch_records || lane.filling.bytes() >= kBytesMax;
}

bool SinkQueue::empty() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) {
    return lane.filling.empty() && lane.writing.empty() && !lane.unflushed && lane.sink->idle();
  });
}

bool SinkQueue::in_flight() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return !lane.sink->idle(); });
}

bool SinkQueue::has_answer() const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return lane.sink->has_answer(); });
}

bool SinkQueue::is_failing() const {
  const auto now = std::chrono::steady_clock::now();
  return std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
    return lane.failing || (!lane.sink->idle() && now - lane.sink->since() > kLong);
  });
}

Progress SinkQueue::note(const SinkAnswer& answer) {
  if (answer.what == SinkAnswer::What::done) return Progress::done;
  why_ = "the sink '" + name_ + "': " + answer.why;
  if (answer.what == SinkAnswer::What::never) return Progress::never;
  ++retries_;
  return Progress::again;
}

void SinkQueue::take_written(Lane& lane, const SinkAnswer& answer) {
  const std::vector<SinkRecord>& batch = lane.writing.view();
  for (const SinkRefusal& refusal : answer.refused) {
    check(refusal.record < batch.size(), "a sink refuses a record that is not in its batch");
    refused_(batch[refusal.record], refusal.why);
  }
  lane.unflushed = true;
}

// What became of a lane's call. `done`: the lane is free.
Progress SinkQueue::collect(Lane& lane) {
  const std::optional<SinkAnswer> answer = lane.sink->take();
  if (!answer) return lane.sink->idle() ? Progress::done : Progress::busy;
  if (lane.sink->call() == Call::write) write_seconds_.observe(lane.sink->took().count());
  const bool stale = std::exchange(lane.stale, false);
  const Progress progress = note(*answer);
  lane.failing = progress != Progress::done;
  if (progress == Progress::done && !stale) {
    if (lane.sink->call() == Call::write) take_written(lane, *answer);
    if (lane.sink->call() == Call::flush) lane.unflushed = false;
    if (lane.sink->call() == Call::probe) lane.probed = true;
  }
  const bool written = progress == Progress::done && lane.sink->call() == Call::write;
  if (stale || written) lane.writing.clear();
  return progress;
}

// The next batch of a free lane, or the last one again. False: there is none.
bool SinkQueue::begin_write(Lane& lane) {
  if (lane.writing.empty()) {
    std::swap(lane.filling, lane.writing);
    lane.since = kNoTime;
  }
  if (lane.writing.empty()) return false;
  lane.sink->begin(Call::write, &lane.writing);
  return true;
}

Progress SinkQueue::flush() {
  Progress all = Progress::done;
  for (Lane& lane : lanes_) {
    Progress progress = collect(lane);
    while (progress == Progress::done) {
      if (!begin_write(lane)) {
        if (!lane.unflushed) break;
        lane.sink->begin(Call::flush, nullptr);
      }
      progress = collect(lane);
    }
    all = worse(all, progress);
  }
  return all;
}

Progress SinkQueue::write(Timestamp now) {
  Progress all = Progress::done;
  for (Lane& lane : lanes_) {
    if (lane.since == kNoTime && !lane.filling.empty()) lane.since = now;
    Progress progress = collect(lane);
    const bool old = lane.since != kNoTime && pace_.batch_every.count() > 0 &&
                     now - lane.since >= pace_.batch_every.count();
    const bool due = !lane.writing.empty() || is_full(lane) || old;
    if (progress == Progress::done && due && begin_write(lane)) progress = collect(lane);
    if (progress != Progress::busy) all = worse(all, progress);
  }
  return all;
}

void SinkQueue::abort() {
  added_ = 0;
  for (Lane& lane : lanes_) {
    lane.filling.clear();
    lane.since = kNoTime;
    lane.unflushed = false;
    lane.stale = !lane.sink->idle();
    if (!lane.stale) lane.writing.clear();
  }
}

void SinkQueue::committed(bool quick) {
  added_ = 0;
  if (quick) quota_ = std::min(quota_ * 2, kQuotaMax);
}

// ---- A sink that does not answer ---------------------------------------------------------------

// Perhaps it was only slow: the next commit asks less of it, until one gets through.
void SinkQueue::leave() {
  away_ = true;
  quota_ = std::max<std::size_t>(1, std::min(quota_, added_) / 4);
  for (Lane& lane : lanes_) lane.probed = false;
}

// Every lane has its own connection, and each has to answer.
Progress SinkQueue::probe(bool ask) {
  Progress all = Progress::done;
  for (Lane& lane : lanes_) {
    Progress progress = collect(lane);
    if (progress == Progress::done && !lane.probed && ask) {
      lane.sink->begin(Call::probe, nullptr);
      progress = collect(lane);
    }
    if (progress == Progress::done && !lane.probed) progress = Progress::busy;
    all = worse(all, progress);
  }
  if (all == Progress::done) away_ = false;
  return all;
}

// ---- A sink that cuts off ----------------------------------------------------------------------

Progress SinkQueue::resume(const SinkSource& source, const SinkStart& start) {
  if (pace_.in_flight > 0) return Progress::done;
  return note(lanes_.front().sink->sink().resume(source, start));
}

Progress SinkQueue::settle() {
  if (pace_.in_flight > 0) return Progress::done;
  Lane& lane = lanes_.front();
  const Progress progress = note(lane.sink->sink().settle());
  lane.failing = progress != Progress::done;
  return progress;
}

void SinkQueue::release(const SinkSource& source) {
  if (pace_.in_flight == 0) lanes_.front().sink->sink().release(source);
}

}  // namespace weir::engine
