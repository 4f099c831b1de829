#include "engine/worker.h"

#include <algorithm>

#include "engine/names.h"

namespace weir::engine {

namespace {

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
  if (held_back_) held_ms_ += std::max<Timestamp>(0, now - now_);
  now_ = std::max(now_, now);
  if (health_ != Health::good) return health_;
  try {
    if (!ready_ && !start()) return health_;
    producer_->poll();
    take_events(patience(wait));
    if (health_ == Health::good) work();
  } catch (const ProducerTrouble& trouble) {
    answer(trouble.outcome, "a record could not be written");
  } catch (const JobStopped& stopped) {
    fail(AppFault::stopped_by_record, stopped.what());
  } catch (const BrokenWorld& broken) {
    fail(AppFault::state_io, broken.what());
  }
  note_turn();
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
    // A transaction may last as long as commits are apart, and then some.
    options.transaction_timeout =
        std::max(options.transaction_timeout,
                 std::min(options_.commit_every, kCommitEveryMax) + options.transaction_timeout);
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

void Worker::take_events(Duration wait) {
  for (const kafka::Event& event : consumer_->poll(wait)) {
    ++steps_;
    switch (event.kind) {
      case kafka::Event::Kind::kAssigned:
        assigned_ = joined_ = true;
        assignment_ = event.partitions;
        rebalance_begun_ = std::chrono::steady_clock::now();
        break;
      case kafka::Event::Kind::kRevoked:
        revoking_ = true;
        assigned_ = false;
        ++revocations_;
        break;
      case kafka::Event::Kind::kLost:
        assigned_ = revoking_ = false;
        ++losses_;
        unassign();
        consumer_->release();
        aborting_ = true;
        break;
      case kafka::Event::Kind::kOffsetGone:
        gone_.emplace_back(event.partitions.at(0), event.outcome.text);
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
    if (committing_ == Committing::sinks && !aborting_) return work_meanwhile();
    if (committing_ != Committing::no || aborting_) return;
  }
  if (!gone_.empty()) return look_at_gone();
  if (revoking_) return revoke();
  if (assigned_) assign();
  if (!restoring_.empty()) ++steps_;
  restore_tasks();
  if (health_ != Health::good) return;
  busy_ = !restoring_.empty();
  tick_tasks();
  if (read_and_process()) {
    ++steps_;
    busy_ = true;
  }
  if (draining_) drain_tasks();
  if (output_->has_sinks()) serve_sinks();
  if (health_ != Health::good || aborting_) return;
  if (commit_due()) {
    begin_commit();
    continue_commit();
  } else if (committing_ == Committing::no) {
    commit_asked_ = false;  // There was nothing.
  }
  if (stopping_ && committing_ == Committing::no && !aborting_) leave();
}

// Who hung for so long that others did his work, and deleted what they had read, may hear of that
// before he hears that the partition is not his any more.
void Worker::look_at_gone() {
  ++steps_;
  const auto& [partition, why] = gone_.front();
  const auto reply = consumer_->committed(std::vector{partition}, kRequestWait);
  if (!reply.ok()) return answer(reply.outcome, "committed offsets are not known");
  const kafka::Position& now = reply.value.front();
  for (const auto& [id, running] : tasks_) {
    for (const Input& input : running->inputs) {
      if (input.partition != partition || now.offset <= input.committed) continue;
      error_ = "others have done its work meanwhile";
      health_ = Health::replace;
      return;
    }
  }
  fail(AppFault::mismatch,
       "the offset to go on from is not in '" + partition.topic + "', partition " +
           std::to_string(partition.index) +
           ", any more: its records were deleted before they were read, or the topic was made "
           "anew. Reset the job to say where to go on (" +
           why + ")");
}

// ---- Processing --------------------------------------------------------------------------------

void Worker::tick_tasks() {
  if (now_ - last_tick_ < options_.tick_every.count()) return;
  last_tick_ = now_;
  for (auto& [id, running] : tasks_) {
    if (!running->is_at_work() || stands_still(*running) || is_held(*running)) continue;
    running->port->tick(now_);
    running->task->tick(now_);
  }
  flush_stores();
}

bool Worker::read_and_process() {
  bool any = false;
  for (auto& [id, running] : tasks_) {
    if (!running->is_at_work() || stands_still(*running)) continue;
    if (is_held(*running) || is_full(*running)) continue;
    any = feed(*running) || any;
    any = running->task->process(batch_max(*running)) > 0 || any;
  }
  return any;
}

bool Worker::feed(Running& running) {
  bool any = false;
  for (std::size_t at = 0; at < running.inputs.size(); ++at) {
    const int number = static_cast<int>(at);
    // The queue shows the batch that was read, which lives until the next one is: records are not
    // copied, and a partition whose records wait for others waits at the broker.
    if (running.task->queued_records(number) > 0) continue;
    Input& input = running.inputs[at];
    const kafka::Batch batch = consumer_->read(input.slot, batch_max(running));
    running.task->reading(number, now_);
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
  running.task->add_view(static_cast<int>(at), in);
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
    if (is_held(*running)) continue;
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
    return running.is_at_work() && !is_held(running) &&
           (running.task->has_news() || has_tail(running));
  });
}

// Control records at the end of an input: read, and of no other use than to be behind them.
bool Worker::has_tail(const Running& running) const {
  if (!options_.commit_tails) return false;
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
    return running.task && !running.inputs.empty() && running.task->caught_up() &&
           !is_held(running);
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

// How long it may wait for records: not while there is something to do, nor past the next commit.
Duration Worker::patience(Duration wait) const {
  if (busy_) return Duration{0};
  if (committing_ == Committing::sinks && output_->sinks_in_flight()) return Duration{0};
  if (committing_ != Committing::no || wait.count() == 0 || !has_news()) return wait;
  const std::int64_t left = last_commit_ + options_.commit_every.count() - now_;
  return Duration{std::clamp<std::int64_t>(left, 0, wait.count())};
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
