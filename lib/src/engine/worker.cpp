#include "engine/worker.h"

#include <algorithm>

#include "engine/names.h"

namespace weir::engine {

namespace {

constexpr Duration kRequestWait{1000};  // For one answer of a broker; then the loop goes round.
constexpr Duration kLeaveWait{5000};

std::string named(const std::vector<kafka::Partition>& partitions) {
  if (partitions.empty()) return "the topic";
  return "'" + partitions.front().topic + "', partition " +
         std::to_string(partitions.front().index) + ",";
}

std::string producer_id(const WorkerOptions& options) {
  return options.job + "-" + options.instance_id + "-" + std::to_string(options.index);
}

}  // namespace

Worker::Worker(const Topology& topology, const Layout& layout, WorkerOptions options,
               kafka::Cluster& cluster, Timestamp now)
    : topology_(topology),
      layout_(layout),
      options_(std::move(options)),
      cluster_(cluster),
      now_(now),
      last_commit_(now),
      last_tick_(now) {}

Worker::~Worker() {
  if (!options_.on_stores) return;
  for (const auto& [id, running] : tasks_) options_.on_stores(id, nullptr);
}

Worker::Health Worker::turn(Timestamp now, Duration wait) {
  now_ = std::max(now_, now);
  if (health_ != Health::good) return health_;
  try {
    if (!ready_ && !start()) return health_;
    producer_->poll();
    take_events(busy_ ? Duration{0} : wait);
    if (health_ == Health::good) work();
  } catch (const ProducerTrouble& trouble) {
    answer(trouble.outcome, "a record could not be written");
  } catch (const JobStopped& stopped) {
    fail(AppFault::stopped_by_record, stopped.what());
  } catch (const BrokenWorld& broken) {
    fail(AppFault::state_io, broken.what());
  }
  return health_;
}

// Clients first, so that what a killed predecessor left open is ended before offsets are asked for.
bool Worker::start() {
  const bool transactional = options_.guarantee == Guarantee::exactly_once;
  if (!admin_) {
    auto reply = cluster_.admin();
    if (!reply.ok()) return answer(reply.outcome, "no way to the brokers"), false;
    admin_ = std::move(reply.value);
  }
  if (!producer_) {
    kafka::ProducerOptions options;
    if (transactional) options.transactional_id = producer_id(options_);
    auto reply = cluster_.producer(options);
    if (!reply.ok()) return answer(reply.outcome, "no producer"), false;
    producer_ = std::move(reply.value);
    output_ = std::make_unique<WorkerOutput>(options_.job, layout_, *producer_, transactional);
  }
  const kafka::Outcome outcome = producer_->init(kRequestWait);
  if (!outcome.ok()) return answer(outcome, "the producer cannot start"), false;
  if (!output_->open_all() || !open_sinks()) return false;
  kafka::ConsumerOptions options;
  options.group = options_.job;
  if (options_.static_membership) options.instance_id = producer_id(options_);
  options.topics = layout_.subscription;
  options.session_timeout = options_.session_timeout;
  auto reply = cluster_.consumer(options);
  if (!reply.ok()) return answer(reply.outcome, "no consumer"), false;
  consumer_ = std::move(reply.value);
  ready_ = true;
  return true;
}

bool Worker::open_sinks() {
  if (output_->has_sinks()) return true;
  for (const std::string& name : layout_.sinks) {
    auto sink = options_.sinks.at(name)(options_.index);
    if (!sink) {
      fail(AppFault::unreachable, "the sink '" + name + "': " + sink.error().to_string());
      return false;
    }
    output_->add_sink(name, std::move(*sink));
  }
  return true;
}

void Worker::take_events(Duration wait) {
  for (const kafka::Event& event : consumer_->poll(wait)) {
    ++steps_;
    switch (event.kind) {
      case kafka::Event::Kind::kAssigned:
        assigned_ = joined_ = true;
        assignment_ = event.partitions;
        break;
      case kafka::Event::Kind::kRevoked:
        revoking_ = true;
        assigned_ = false;
        break;
      case kafka::Event::Kind::kLost:
        assigned_ = revoking_ = false;
        unassign();
        consumer_->release();
        aborting_ = true;
        break;
      case kafka::Event::Kind::kOffsetGone:
        fail(AppFault::mismatch,
             "the offset to go on from is not in " + named(event.partitions) +
                 " any more: its records were deleted before they were read, or the topic was made "
                 "anew. Reset the job to say where to go on (" +
                 event.outcome.text + ")");
        break;
      case kafka::Event::Kind::kTopicMissing:
      case kafka::Event::Kind::kTrouble:
        log(5, event.outcome.text);
        break;
      case kafka::Event::Kind::kFailed:
        answer(event.outcome, "the consumer failed");
        break;
    }
  }
}

void Worker::work() {
  if (aborting_) ++steps_;
  busy_ = false;
  if (aborting_) return abort();
  if (committing_ != Committing::no) {
    continue_commit();
    if (committing_ != Committing::no || aborting_) return;
  }
  if (revoking_) return revoke();
  if (assigned_) assign();
  if (!restoring_.empty()) ++steps_;
  restore_tasks();
  if (health_ != Health::good) return;
  busy_ = !restoring_.empty();
  if (now_ - last_tick_ >= options_.tick_every.count()) {
    last_tick_ = now_;
    for (auto& [id, running] : tasks_) {
      if (!running->task || running->inputs.empty()) continue;
      running->port->tick(now_);
      running->task->tick(now_);
    }
    flush_stores();
  }
  if (now_ >= rest_until_ && read_and_process()) {
    ++steps_;
    busy_ = true;
  }
  if (draining_) drain_tasks();
  if (output_->sinks_full()) sink_failed(output_->write_full_sinks());
  if (commit_due()) {
    begin_commit();
    continue_commit();
  } else if (committing_ == Committing::no) {
    commit_asked_ = false;  // There was nothing.
  }
  if (stopping_ && committing_ == Committing::no && !aborting_) leave();
}

// ---- Assignment --------------------------------------------------------------------------------

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
  std::map<TaskId, std::vector<Input>> wanted;
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
  consumer_->accept(starts);
  assigned_ = false;
  ++rebalances_;
  unassign();
  for (auto& [id, inputs] : wanted) take_up(id, std::move(inputs));
  close_unassigned();
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
  std::unique_ptr<Running>& slot = tasks_[id];
  if (!slot) {
    slot = std::make_unique<Running>();
    slot->id = id;
    open_stores(*slot);
    if (!slot->stores) {
      tasks_.erase(id);
      return;
    }
  }
  slot->inputs = std::move(inputs);
  // Also for a task that comes back: another member may have worked on it meanwhile. When none
  // has, there is nothing behind its position and this costs one question.
  slot->restore =
      std::make_unique<Restore>(options_.job, id.partition, slot->store_names, *slot->stores);
  restoring_.insert(id);
}

void Worker::open_stores(Running& running) {
  const TaskId id = running.id;
  for (const int at :
       topology_.sub_topologies()[static_cast<std::size_t>(id.sub_topology)].stages) {
    for (const StoreSpec& store : topology_.stages()[static_cast<std::size_t>(at)].stores) {
      running.store_names.push_back(store.name);
    }
  }
  auto stores = options_.open_stores(id, topology_.fingerprint(id.sub_topology));
  if (!stores) {
    return fail(stores.error().position == kDoesNotFit ? AppFault::mismatch : AppFault::state_io,
                "the state of a task cannot be opened: " +
                    Error{stores.error().text, stores.error().hint}.to_string());
  }
  running.stores = std::move(*stores);
  running.flushed = now_;
  if (options_.on_stores) options_.on_stores(id, running.stores.get());
}

// The group took the partitions back: tasks keep their state for when they return.
void Worker::unassign() {
  restoring_.clear();
  for (auto& [id, running] : tasks_) {
    running->inputs.clear();
    running->restore.reset();
  }
}

void Worker::close_unassigned() {
  for (auto it = tasks_.begin(); it != tasks_.end();) {
    Running& running = *it->second;
    if (!running.inputs.empty()) {
      ++it;
      continue;
    }
    if (running.task) counted_.add(running.task->counters());
    running.task.reset();
    if (options_.on_stores) options_.on_stores(running.id, nullptr);
    running.stores->abort();
    running.stores->close();
    it = tasks_.erase(it);
  }
}

void Worker::restore_tasks() {
  for (auto it = restoring_.begin(); it != restoring_.end();) {
    Running& running = *tasks_.at(*it);
    const std::uint64_t before = running.restore->restored();
    const auto progress = running.restore->step(cluster_, *admin_, options_.batch_records_max);
    if (!progress) return fail(AppFault::mismatch, progress.error().to_string());
    restored_ += running.restore->restored() - before;
    running.restored += running.restore->restored() - before;
    if (*progress == Restore::Progress::working) {
      ++it;
      continue;
    }
    running.restore.reset();
    begin_task(running);
    it = restoring_.erase(it);
  }
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
  }
  running.drained = false;
  resume_inputs(running);
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
  close_unassigned();
  consumer_->close(kLeaveWait);
  health_ = Health::stopped;
}

// ---- Processing --------------------------------------------------------------------------------

bool Worker::read_and_process() {
  bool any = false;
  for (auto& [id, running] : tasks_) {
    if (!running->task || running->inputs.empty() || restoring_.contains(id)) continue;
    if (output_->sinks_full()) break;
    any = feed(*running) || any;
    any = running->task->process(options_.batch_records_max) > 0 || any;
  }
  return any;
}

bool Worker::feed(Running& running) {
  bool any = false;
  for (std::size_t at = 0; at < running.inputs.size(); ++at) {
    const int number = static_cast<int>(at);
    // A full queue is not read: its partition waits at the broker.
    if (running.task->queued_records(number) >= options_.queue_records_max) continue;
    Input& input = running.inputs[at];
    const kafka::Batch batch = consumer_->read(input.slot, options_.batch_records_max);
    for (const kafka::Incoming& record : batch.records) give(running, at, record);
    any = any || !batch.records.empty();
    if (batch.next_offset != kafka::kNoOffset) input.next = batch.next_offset;
    running.task->at_end(number, batch.at_end);
  }
  return any;
}

void Worker::give(Running& running, std::size_t at, const kafka::Incoming& record) {
  const Input& input = running.inputs[at];
  InputRecord in;
  in.topic = input.partition.topic;
  in.partition = input.partition.index;
  in.offset = record.offset;
  in.timestamp = record.timestamp;
  in.key = record.key;
  in.value = record.value;
  in.headers = consumer_->headers(record);
  running.task->add(static_cast<int>(at), in);
}

void Worker::drain() {
  draining_ = true;
  drain_tasks();
}

// Each once it has read everything; again after an abort.
void Worker::drain_tasks() {
  for (auto& [id, running] : tasks_) {
    if (!running->task || running->drained || restoring_.contains(id)) continue;
    if (running->inputs.empty() || !running->task->caught_up()) continue;
    running->drained = true;
    running->task->drain();
  }
}

bool Worker::drained() const {
  return idle() && std::all_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
           return entry.second->task->time() == kEndOfTime;
         });
}

bool Worker::has_news() const {
  return std::any_of(tasks_.begin(), tasks_.end(), [this](const auto& entry) {
    const Running& running = *entry.second;
    return running.task && !running.inputs.empty() &&
           (running.task->has_news() || has_tail(running));
  });
}

// Control records at the end of an input: read, and of no other use than to be behind them.
bool Worker::has_tail(const Running& running) const {
  if (!options_.commit_tails || restoring_.contains(running.id)) return false;
  for (std::size_t at = 0; at < running.inputs.size(); ++at) {
    const Input& input = running.inputs[at];
    const bool behind = input.next > input.committed || !input.is_told;
    if (behind && running.task->queued_records(static_cast<int>(at)) == 0) {
      return true;
    }
  }
  return false;
}

bool Worker::idle() const {
  if (!running() || committing_ != Committing::no || aborting_ || has_news()) return false;
  // A task without inputs was given back, and nobody knows yet to whom.
  return std::all_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    const Running& running = *entry.second;
    return running.task && !running.inputs.empty() && running.task->caught_up();
  });
}

Counters Worker::committed_counters() const {
  Counters all = counted_;
  for (const auto& [id, running] : tasks_) {
    if (running->task) all.add(running->task->committed_counters());
  }
  if (output_) all.add(output_->refused());
  return all;
}

Counters Worker::counters() const {
  Counters all = counted_;
  for (const auto& [id, running] : tasks_) {
    if (running->task) all.add(running->task->counters());
  }
  if (output_) all.add(output_->refused());
  return all;
}

std::string Worker::doing() const {
  if (health_ == Health::failed) return "failed";
  if (health_ == Health::stopped) return "stopped";
  if (health_ == Health::replace) return "to be replaced";
  if (!ready_) return "starting";
  if (!joined_) return "joining";
  if (aborting_) return "aborting";
  if (revoking_) return "giving partitions back";
  if (committing_ != Committing::no) return "committing";
  if (assigned_) return "taking partitions";
  if (!restoring_.empty()) return "restoring";
  return has_news() ? "processing" : "running";
}

void Worker::log(int level, const std::string& text) const {
  if (options_.log) options_.log(level, text);
}

void Worker::fail(AppFault fault, std::string why) {
  if (health_ == Health::failed) return;  // What came first explains the rest.
  error_ = std::move(why);
  fault_ = fault;
  health_ = Health::failed;
}

}  // namespace weir::engine
