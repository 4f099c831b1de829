// What a worker tells about itself.

#include <algorithm>

#include "engine/worker.h"

namespace weir::engine {

namespace {

void add_counters(AppSnapshot& into, const Counters& counters) {
  for (const auto& [topic, flow] : counters.in) into.in[topic].add(flow);
  for (const auto& [topic, flow] : counters.out) into.out[topic].add(flow);
  for (const auto& [place, records] : counters.discarded_by_step) {
    into.discarded.push_back({place.first, place.second, records});
  }
  for (const auto& [reason, records] : counters.dead_by_reason) {
    into.dead_letters[reason] += records;
  }
  for (const auto& [sink, latency] : counters.end_to_end) {
    into.end_to_end_seconds[sink].add(latency);
  }
  for (const auto& [sink, latency] : counters.processing) {
    into.processing_seconds[sink].add(latency);
  }
  for (const auto& [topic, late] : counters.late_by) into.late_by_seconds[topic].add(late);
}

}  // namespace

void Worker::look(AppSnapshot& into) const {
  add_counters(into, committed_counters());
  into.commits += commits_;
  into.aborts += aborts_;
  into.rebalances += rebalances_;
  into.revocations += revocations_;
  into.losses += losses_;
  into.rebalance_seconds.add(rebalance_seconds_);
  into.restored += restored_;
  into.commit_seconds.add(commit_seconds_);
  if (output_) {
    for (const auto& sink : output_->sinks()) {
      into.sink_retries[sink->name()] += sink->retries();
      into.sink_write_seconds[sink->name()].add(sink->write_seconds());
      const bool waits = sink->is_away() || sink->is_failing();
      into.sinks.push_back({sink->name(), waits, waits ? sink->why() : ""});
    }
  }
  for (const auto& [name, step] : counted_steps_) into.steps[name].add(step);
  for (const auto& [id, running] : tasks_) look_at(*running, into);
}

void Worker::watch(std::shared_ptr<RecordWatcher> watcher) {
  for (const auto& [id, running] : tasks_) {
    if (running->task) running->task->watch(watcher.get());
  }
  watcher_ = std::move(watcher);
}

// What the turn that ends leaves to be measured.
void Worker::note_turn() {
  if (rebalance_begun_ && running()) {
    const auto took = std::chrono::steady_clock::now() - *rebalance_begun_;
    rebalance_seconds_.observe(std::chrono::duration<double>(took).count());
    rebalance_begun_.reset();
  }
  held_back_ = now_ < sink_again_ || std::any_of(tasks_.begin(), tasks_.end(), [](const auto& one) {
                 return is_held(*one.second) || is_full(*one.second);
               });
}

void Worker::look_at(const Running& running, AppSnapshot& into) const {
  const TaskId id = running.id;
  const bool restoring = restoring_.contains(id);
  into.tasks.push_back({id.sub_topology, id.partition, options_.index, restoring,
                        running.task ? running.task->time() : kNoTime});
  if (running.task) running.task->look_at_steps(into.steps);
  for (std::size_t at = 0; running.task && at < running.inputs.size(); ++at) {
    const Input& input = running.inputs[at];
    AppSnapshot::Input seen = running.task->look(static_cast<int>(at));
    seen.topic = input.partition.topic;
    seen.committed = input.committed;
    seen.end = consumer_->end_offset(input.slot);
    if (seen.end >= 0) seen.lag = std::max<std::int64_t>(0, seen.end - input.committed);
    into.inputs.push_back(std::move(seen));
  }
  for (const std::string& name : running.store_names) {
    const state::Store& store = running.stores->store(name);
    const state::StoreUsage held = store.usage();
    into.stores.push_back({name, id.partition, held.rows, held.bytes, store.overlay_bytes(),
                           running.restored, running.restore ? running.restore->remaining(name) : 0,
                           store.times().gets, store.times().puts, store.times().scans});
  }
  if (running.store_names.empty()) return;
  const state::DiskUsage usage = running.stores->disk_usage();
  into.disks.push_back({id.sub_topology, id.partition, usage.bytes_used, usage.bytes_mapped});
}

}  // namespace weir::engine
