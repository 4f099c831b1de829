// What a worker does about partitions: takes them up, restores their tasks, gives them back.

#include "engine/names.h"
#include "engine/sink_position.h"
#include "engine/worker.h"

namespace weir::engine {

namespace {

constexpr Duration kLeaveWait{5000};
// Each has a client of its own, with threads and records read ahead.
constexpr int kRestoresAtOnce = 4;
constexpr std::int64_t kRestoreStuckMs = 2000;  // One that does not move holds up nobody.

}  // namespace

// The topics a task of this sub-topology reads, in the order of its inputs.
std::vector<std::string> Worker::input_topics(int sub_topology) const {
  std::vector<std::string> topics;
  for (const int at : topology_.sub_topologies()[static_cast<std::size_t>(sub_topology)].stages) {
    const StageSpec& spec = topology_.stages()[static_cast<std::size_t>(at)];
    if (spec.role == Role::source) topics.push_back(spec.topic);
    if (spec.role == Role::repartition_read) {
      topics.push_back(repartition_topic(options_.job, spec.topic));
    }
  }
  return topics;
}

void Worker::assign() {
  const auto reply = consumer_->committed(assignment_, kRequestWait);
  if (!reply.ok()) return answer(reply.outcome, "committed offsets are not known");
  std::map<kafka::Partition, const kafka::Position*> committed;
  for (const kafka::Position& position : reply.value) committed[position.partition] = &position;
  Wanted wanted;
  std::vector<kafka::Start> starts;
  for (const auto& [partition, position] : committed) {
    const auto reader = layout_.reader.find(partition.topic);
    if (reader == layout_.reader.end() ||
        partition.index >= layout_.tasks[static_cast<std::size_t>(reader->second)]) {
      error_ = "'" + partition.topic + "' has grown";
      health_ = Health::replace;
      return;
    }
    const TaskId id{reader->second, partition.index};
    if (wanted.contains(id)) continue;
    for (const std::string& topic : input_topics(id.sub_topology)) {
      Input input{{topic, id.partition}, static_cast<kafka::Slot>(starts.size())};
      const auto found = committed.find(input.partition);
      if (found == committed.end()) {
        return fail(AppFault::mismatch,
                    "partition " + std::to_string(id.partition) + " of '" + topic +
                        "' was given to another member than the topics it is processed with: all "
                        "members of the group must run the same job");
      }
      input.committed = found->second->offset;
      input.is_told = input.committed != kafka::kNoOffset;
      input.state = found->second->metadata;
      if (input.committed == kafka::kNoOffset) {
        const std::optional<std::int64_t> first = first_offset(input.partition);
        if (!first) return;  // Not known yet: the next turn asks again.
        input.committed = *first;
      }
      starts.push_back({input.partition, input.committed, input.slot});
      wanted[id].push_back(std::move(input));
    }
  }
  unassign();
  if (!open_wanted(wanted)) return;
  consumer_->accept(starts);
  assigned_ = false;
  ++rebalances_;
  for (auto& [id, inputs] : wanted) take_up(id, std::move(inputs));
}

// What goes elsewhere is closed first: another worker of this process may wait for it, as we may
// for what that one has. False: not yet, the next turn asks again.
bool Worker::open_wanted(const Wanted& wanted) {
  close_unassigned(wanted);
  for (const auto& [id, inputs] : wanted) {
    if (tasks_.contains(id)) continue;
    auto running = std::make_unique<Running>();
    running->id = id;
    if (!open_stores(*running)) return false;
    tasks_[id] = std::move(running);
  }
  return true;
}

std::optional<std::int64_t> Worker::first_offset(const kafka::Partition& partition) {
  const std::vector<kafka::Partition> one{partition};
  const bool repartition = partition.topic.ends_with("-repartition");
  const auto reply = options_.from == kNoTime || repartition ? admin_->begin_offsets(one)
                     : options_.from == kEndOfTime
                         ? admin_->end_offsets(one, kafka::Isolation::kReadUncommitted)
                         : admin_->offsets_at(one, options_.from);
  if (reply.ok()) return reply.value.front();
  answer(reply.outcome, "the first offset of a partition is not known");
  return std::nullopt;
}

void Worker::take_up(TaskId id, std::vector<Input> inputs) {
  std::unique_ptr<Running>& slot = tasks_.at(id);
  slot->inputs = std::move(inputs);
  SinkPosition sinks;
  for (Input& input : slot->inputs) {
    const SinkPosition beside = take_sink_position(input.state);
    if (beside.number > sinks.number) sinks = beside;
  }
  slot->source = {id.sub_topology, id.partition, sinks.number > 0 ? sinks.since : now_};
  // Of this worker at this moment, and of nobody else.
  const std::size_t owner = std::hash<std::string>()(
      options_.instance_id + "/" + std::to_string(options_.index) + "/" + std::to_string(now_));
  slot->results = {.number = sinks.number,
                   .owner = static_cast<std::int64_t>(owner >> 2) + 1,
                   .last_owner = sinks.owner,
                   .last_number = sinks.start};
  slot->begun_at = sinks.number;
  // Also for a task that comes back: another member may have worked on it meanwhile. When none
  // has, there is nothing behind its position and this costs one question.
  slot->restore =
      std::make_unique<Restore>(options_.job, id.partition, slot->store_names, *slot->stores);
  slot->moved = kNoTime;
  restoring_.insert(id);
}

bool Worker::open_stores(Running& running) {
  const TaskId id = running.id;
  for (const int at :
       topology_.sub_topologies()[static_cast<std::size_t>(id.sub_topology)].stages) {
    for (const StoreSpec& store : topology_.stages()[static_cast<std::size_t>(at)].stores) {
      running.store_names.push_back(store.name);
    }
  }
  auto stores = options_.open_stores(id, topology_.fingerprint(id.sub_topology));
  if (!stores && stores.error().position == kInUseHere) return false;
  if (!stores) {
    fail(stores.error().position == kDoesNotFit ? AppFault::mismatch : AppFault::state_io,
         "the state of a task cannot be opened: " +
             Error{stores.error().text, stores.error().hint}.to_string());
    return false;
  }
  find_sinks(running);
  running.stores = std::move(*stores);
  running.flushed = now_;
  if (options_.on_stores) options_.on_stores(id, running.stores.get());
  return true;
}

// The group took the partitions back: tasks keep their state for when they return.
void Worker::unassign() {
  restoring_.clear();
  gone_.clear();
  for (auto& [id, running] : tasks_) {
    if (running->is_at_work()) release_sinks(*running);
    running->inputs.clear();
    running->restore.reset();
  }
}

void Worker::count_gone(const Task& task) {
  counted_.add(task.counters());
  task.look_at_steps(counted_steps_);
  for (auto& [name, step] : counted_steps_) step.open_windows = 0;
}

void Worker::close_unassigned(const Wanted& wanted) {
  for (auto it = tasks_.begin(); it != tasks_.end();) {
    Running& running = *it->second;
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    if (running.task) count_gone(*running.task);
    running.task.reset();
    if (options_.on_stores) options_.on_stores(running.id, nullptr);
    running.stores->abort();
    running.stores->close();
    it = tasks_.erase(it);
  }
}

void Worker::restore_tasks() {
  int at_once = 0;
  for (auto it = restoring_.begin(); it != restoring_.end() && at_once < kRestoresAtOnce;) {
    Running& running = *tasks_.at(*it);
    const std::uint64_t before = running.restore->restored();
    if (running.moved == kNoTime) running.moved = now_;
    const auto progress =
        running.restore->step(cluster_, *admin_, options_.batch_records_max, now_);
    if (!progress) return fail(AppFault::mismatch, progress.error().to_string());
    restored_ += running.restore->restored() - before;
    running.restored += running.restore->restored() - before;
    if (running.restore->restored() > before) running.moved = now_;
    if (*progress == Restore::Progress::working) {
      if (now_ - running.moved < kRestoreStuckMs) ++at_once;
      ++it;
      continue;
    }
    if (const std::string& why = running.restore->anew(); !why.empty()) log(5, why);
    running.restore.reset();
    begin_task(running);
    it = restoring_.erase(it);
  }
  if (!restoring_.empty()) bound_restores();
}

// Restored or still at it, tasks that are taken up together share one bound: the one that holds
// most goes to its disk.
void Worker::bound_restores() {
  std::size_t held = 0;
  std::size_t most = 0;
  Running* largest = nullptr;
  for (const auto& [id, running] : tasks_) {
    const std::size_t bytes = running->stores->overlay_bytes();
    held += bytes;
    if (bytes <= most) continue;
    most = bytes;
    largest = running.get();
  }
  if (held >= options_.restore_bytes_max && largest != nullptr) largest->stores->flush();
}

void Worker::begin_task(Running& running) {
  if (running.task) {
    running.task->aborted();  // What it holds in memory may be older than its stores.
  } else {
    running.port = std::make_unique<TaskPort>(*output_, running.id.partition);
    const int tasks = layout_.tasks[static_cast<std::size_t>(running.id.sub_topology)];
    running.port->tick(now_);
    running.task = std::make_unique<Task>(
        topology_, running.id, Task::Options{options_.job, tasks, now_, options_.idle_by_clock},
        *running.stores, *running.port);
    running.task->watch(watcher_.get());
  }
  running.drained = false;
  resume_inputs(running);
  resume_sinks(running);
}

void Worker::resume_inputs(Running& running) {
  for (std::size_t at = 0; at < running.inputs.size(); ++at) {
    running.inputs[at].next = running.inputs[at].committed;
    running.task->resume(static_cast<int>(at), running.inputs[at].state);
  }
}

void Worker::revoke() {
  if (has_news()) {
    begin_commit();
    continue_commit();
    return;
  }
  unassign();
  revoking_ = false;
  consumer_->release();
}

void Worker::leave() {
  if (has_news()) return;
  unassign();
  close_unassigned({});
  consumer_->close(kLeaveWait);
  health_ = Health::stopped;
}

}  // namespace weir::engine
