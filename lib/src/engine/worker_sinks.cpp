// What a worker does about sinks that are no topics. One that does not answer holds the tasks whose
// results go to it, and nothing else.

#include <algorithm>

#include "engine/worker.h"

namespace weir::engine {

namespace {

constexpr std::int64_t kSinkPauseMs = 200;
// A transaction lives for ten seconds and the time between commits.
constexpr std::int64_t kPatienceMs = 4000;      // With a sink that says `again`.
constexpr std::int64_t kLongPatienceMs = 7000;  // With one that is only slow.
constexpr std::int64_t kProbeEveryMs = 1000;
constexpr std::int64_t kSettleEveryMs = 1000;
constexpr std::int64_t kSayEveryMs = 10'000;
constexpr Duration kAnswerWait{20};

}  // namespace

bool Worker::open_sinks() {
  if (output_->has_sinks()) return true;
  for (const std::string& name : layout_.sinks) {
    std::vector<std::unique_ptr<Sink>> sinks;
    for (int wanted = 1; static_cast<int>(sinks.size()) < wanted;) {
      auto sink = options_.sinks.at(name)(options_.index);
      if (!sink) {
        fail(AppFault::unreachable, "the sink '" + name + "': " + sink.error().to_string());
        return false;
      }
      sinks.push_back(std::move(*sink));
      wanted = std::max(1, sinks.front()->pace().in_flight);
    }
    output_->add_sink(name, std::move(sinks));
  }
  return true;
}

void Worker::find_sinks(Running& running) {
  const auto part = static_cast<std::size_t>(running.id.sub_topology);
  for (const int at : topology_.sub_topologies()[part].stages) {
    const StageSpec& spec = topology_.stages()[static_cast<std::size_t>(at)];
    if (spec.role != Role::sink) continue;
    for (const auto& sink : output_->sinks()) {
      if (sink->name() == spec.topic) running.sinks.push_back(sink.get());
    }
  }
}

bool Worker::is_held(const Running& running) {
  return std::any_of(running.sinks.begin(), running.sinks.end(),
                     [](const SinkQueue* sink) { return sink->is_away(); });
}

// While a commit is under way: what takes part in it stands still until its end. So does what feeds
// a sink and had nothing new when it began: its results would be part of the transaction, and what
// it has read would not.
bool Worker::stands_still(const Running& running) const {
  return running.in_commit || (committing_ != Committing::no && !running.sinks.empty());
}

bool Worker::is_full(const Running& running) {
  return std::any_of(running.sinks.begin(), running.sinks.end(),
                     [&](const SinkQueue* sink) { return sink->full(running.source); });
}

// How much it may read at once.
std::size_t Worker::batch_max(const Running& running) const {
  std::size_t most = options_.batch_records_max;
  for (const SinkQueue* sink : running.sinks) most = std::min(most, sink->room());
  return std::max<std::size_t>(most, 1);
}

void Worker::resume_sinks(Running& running) {
  running.port->count_on(running.source, running.results.number);
  for (SinkQueue* sink : running.sinks) {
    if (sink->resume(running.source, running.results) == SinkQueue::Progress::done) continue;
    fail(AppFault::unreachable, sink->why());
  }
}

void Worker::release_sinks(Running& running) {
  for (SinkQueue* sink : running.sinks) sink->release(running.source);
}

// Outside of commits: batches that are due go out, those who were away are asked.
void Worker::serve_sinks() {
  const bool ask = now_ >= next_probe_;
  if (ask) next_probe_ = now_ + kProbeEveryMs;
  const SinkQueue::Progress probed = output_->probe_sinks(ask);
  if (probed == SinkQueue::Progress::never) return sink_said(probed);
  if (now_ >= sink_again_) sink_said(output_->write_sinks(now_));
  if (health_ != Health::good) return;
  if (now_ - last_settle_ >= kSettleEveryMs && !has_news()) {
    last_settle_ = now_;
    sink_said(output_->settle_sinks());
  }
  if (busy_ || !output_->sinks_in_flight()) return;
  // There may be something to read, and only room is missing: a call that ends makes some.
  const bool full = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    return entry.second->is_at_work() && is_full(*entry.second);
  });
  if (!full) return;
  output_->wait_for_sinks(kAnswerWait);
  busy_ = true;
}

// False: not yet, or it has failed.
bool Worker::flush_sinks() {
  if (!output_->has_sinks()) return true;
  if (now_ < sink_again_) return false;
  const SinkQueue::Progress progress = output_->flush_sinks();
  sink_said(progress);
  return progress == SinkQueue::Progress::done;
}

// While a commit waits for sinks, tasks that have none go on.
void Worker::work_meanwhile() {
  if (health_ != Health::good) return;
  if (!revoking_ && !stopping_ && dirty_bytes() < options_.dirty_bytes_max) {
    tick_tasks();
    if (read_and_process()) {
      ++steps_;
      busy_ = true;
      return;
    }
  }
  if (output_->sinks_in_flight()) output_->wait_for_sinks(kAnswerWait);
}

// A transaction must not stay open while a sink is away: its results are dropped. Who feeds that
// sink waits until it answers; the others go on at once.
void Worker::sink_said(SinkQueue::Progress progress) {
  if (progress == SinkQueue::Progress::done) {
    sink_again_ = kNoTime;
    return;
  }
  if (progress == SinkQueue::Progress::never) {
    return fail(AppFault::unreachable, output_->sink_trouble());
  }
  const bool again = progress == SinkQueue::Progress::again;
  if (again) {
    sink_again_ = now_ + kSinkPauseMs;
    if (said_ != output_->sink_trouble() || now_ - said_at_ >= kSayEveryMs) {
      said_ = output_->sink_trouble();
      said_at_ = now_;
      log(4, said_);
    }
  }
  const std::int64_t patience = again ? kPatienceMs : kLongPatienceMs;
  if (committing_ == Committing::no || now_ - commit_begun_ < patience) return;
  for (const auto& sink : output_->sinks()) {
    if (!sink->is_away() && !sink->empty()) sink->leave();
  }
  sink_again_ = kNoTime;
  next_probe_ = now_ + kProbeEveryMs;
  aborting_ = true;
}

}  // namespace weir::engine
