// The commit of a worker: one transaction of all its tasks' results, changelogs and offsets; the
// state follows only when Kafka has it.

#include <algorithm>

#include "engine/changelog.h"
#include "engine/names.h"
#include "engine/restore.h"
#include "engine/sink_position.h"
#include "engine/worker.h"

namespace weir::engine {

namespace {

constexpr int kRefusedMax = 3;
constexpr std::chrono::seconds kQuickCommit{2};
// The producer of librdkafka 2.0.2 may wait for ever for the end of a transaction whose coordinator
// was away. Another one of the same name ends it at once.
constexpr std::int64_t kAbortMaxMs = 30'000;

}  // namespace

bool Worker::commit_due() const {
  if (committing_ != Committing::no) return false;
  const bool soon = stopping_ || commit_asked_ || sink_again_ != kNoTime ||
                    output_->out_of_room() ||
                    now_ - last_commit_ >= options_.commit_every.count() ||
                    dirty_bytes() >= options_.dirty_bytes_max ||
                    std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
                      return entry.second->task && entry.second->task->wants_commit();
                    });
  return soon && has_news();
}

std::size_t Worker::dirty_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, running] : tasks_) {
    for (const std::string& name : running->store_names) {
      const state::Store& store = running->stores->store(name);
      bytes += store.dirty_bytes() + store.kept_back();
    }
  }
  return bytes;
}

// Tasks whose results go to sinks first: until a sink has taken them, the others go on.
void Worker::begin_commit() {
  committing_positions_.clear();
  commit_begun_ = now_;
  commit_clock_ = std::chrono::steady_clock::now();
  output_->begin();
  for (auto& [id, running] : tasks_) {
    running->in_commit = false;
    if (!running->sinks.empty()) join_commit(*running);
  }
  committing_ = Committing::sinks;
}

// From here to the end of the commit nothing is processed.
void Worker::join_commit(Running& running) {
  running.in_commit =
      running.is_at_work() && !is_held(running) && (running.task->has_news() || has_tail(running));
  if (running.in_commit) running.task->before_commit();
}

void Worker::gather_commit() {
  for (auto& [id, running] : tasks_) {
    if (running->sinks.empty()) join_commit(*running);
    if (!running->in_commit) continue;
    write_changelog(*running);
    for (std::size_t at = 0; at < running->inputs.size(); ++at) {
      Input& input = running->inputs[at];
      const int number = static_cast<int>(at);
      const std::int64_t processed = running->task->position(number);
      // Behind the last record there may be control records: an empty queue has passed them, too.
      const bool all = running->task->queued_records(number) == 0;
      const std::int64_t offset = all ? std::max(processed, input.next) : processed;
      std::string state = running->task->state(number);
      append_sink_position(state, {running->source.since, running->port->number(),
                                   running->results.owner, running->begun_at});
      // Never back, not even over control records: what lies before may have been deleted.
      committing_positions_.push_back(
          {input.partition, std::max(offset, input.committed), std::move(state)});
    }
  }
  look_for_originals();
}

// One record per key that changed, however often it did.
void Worker::write_changelog(Running& running) {
  for (const std::string& name : running.store_names) {
    state::Store& store = running.stores->store(name);
    if (store.dirty_entries() == 0) continue;
    kafka::Outgoing record;
    record.topic = output_->id_of(changelog_topic(options_.job, name));
    record.partition = running.id.partition;
    record.timestamp = now_;
    store.each_dirty([&](Bytes key, std::optional<Bytes> value) {
      record.key = key;
      record.value.reset();
      if (value && key.size() + value->size() >= kafka::kRecordBytesMax) {
        throw JobStopped("the state of one key in '" + name + "' has grown to " +
                         std::to_string(value->size() >> 20) +
                         " MB, more than a record of its changelog may hold: let it keep less "
                         "(distinct values approximately, shorter windows)");
      }
      if (value) record.value = changelog_value(*value, changelog_value_);
      output_->send(record);
    });
  }
}

void Worker::continue_commit() {
  const bool once = options_.guarantee == Guarantee::exactly_once;
  while (committing_ != Committing::no) {
    kafka::Outcome outcome;
    Committing next = Committing::no;
    switch (committing_) {
      case Committing::sinks:
        if (!flush_sinks()) return;
        gather_commit();
        next = Committing::letters;
        break;
      case Committing::letters:
        if (!write_letters()) return;
        next = once ? Committing::offsets : Committing::flush;
        break;
      case Committing::offsets:
        outcome = producer_->send_offsets(committing_positions_, consumer_->group_metadata(),
                                          kRequestWait);
        next = Committing::transaction;
        break;
      case Committing::transaction:
        outcome = producer_->commit(kRequestWait);
        break;
      case Committing::flush:
        outcome = producer_->flush(kRequestWait);
        next = Committing::group;
        break;
      case Committing::group:
        outcome = consumer_->commit(committing_positions_, kRequestWait);
        break;
      case Committing::no:
        break;
    }
    if (outcome.fault == kafka::Fault::kRetriable) return;
    if (!outcome.ok()) return answer(outcome, "a commit failed");
    committing_ = next;
  }
  finish_commit();
}

// Kafka has it all: now, and only now, may it become the state.
void Worker::finish_commit() {
  const auto took = std::chrono::steady_clock::now() - commit_clock_;
  const Timestamp done =
      std::max(now_, commit_begun_ + std::chrono::duration_cast<Duration>(took).count());
  output_->committed(took < kQuickCommit);
  auto position = committing_positions_.begin();
  std::string stamp;
  for (auto& [id, running] : tasks_) {
    if (!running->in_commit) continue;
    running->in_commit = false;
    std::vector<state::Environment::StoreCommit> stores;
    for (const std::string& name : running->store_names) {
      state::Position at = running->stores->store(name).position();
      const std::int64_t end =
          producer_->delivered(output_->id_of(changelog_topic(options_.job, name)), id.partition);
      at.offset = std::max(at.offset, end);
      at.stream_time = running->task->time();
      stores.push_back({name, at});
    }
    running->stores->commit({stores, current_stamp(now_, stamp)});
    for (Input& input : running->inputs) {
      input.committed = position->offset;
      input.is_told = true;
      input.state = position->metadata;
      take_sink_position(input.state);
      ++position;
    }
    running->results.number = running->port->number();
    running->results.last_owner = running->results.owner;
    running->results.last_number = running->begun_at;
    running->task->committed(done);
  }
  last_commit_ = now_;
  commit_asked_ = false;
  refused_in_a_row_ = 0;
  refused_.clear();
  commit_seconds_.observe(std::chrono::duration<double>(took).count());
  ++commits_;
  ++steps_;
  last_settle_ = now_;
  sink_said(output_->settle_sinks());
}

// One disk at a time, so that no turn takes long.
void Worker::flush_stores() {
  if (options_.flush_every.count() == 0) return;
  Running* longest = nullptr;
  for (const auto& [id, running] : tasks_) {
    if (!running->task || running->store_names.empty()) continue;
    if (longest == nullptr || running->flushed < longest->flushed) longest = running.get();
  }
  if (longest == nullptr || now_ - longest->flushed < options_.flush_every.count()) return;
  longest->stores->flush();
  longest->flushed = now_;
}

// What to do about an outcome that is no success.
void Worker::answer(const kafka::Outcome& outcome, const char* doing) {
  switch (outcome.fault) {
    case kafka::Fault::kNone:
    case kafka::Fault::kRetriable:
      return;  // The next turn tries again.
    case kafka::Fault::kAbort:
      aborting_ = true;
      return;
    case kafka::Fault::kStale:
      unassign();  // The group will give partitions again; these are no longer ours.
      aborting_ = true;
      return;
    case kafka::Fault::kFenced:
    case kafka::Fault::kFatal:
      error_ = std::string(doing) + ": " + outcome.text;
      health_ = Health::replace;
      return;
    case kafka::Fault::kTooLarge:
    case kafka::Fault::kBadTimestamp:
    case kafka::Fault::kMissing:
    case kafka::Fault::kExists:
      return fail(AppFault::mismatch, std::string(doing) + ": " + outcome.text);
    case kafka::Fault::kDenied:
      return fail(AppFault::not_allowed, std::string(doing) + ": " + outcome.text);
  }
}

// A record that the brokers refuse will be refused again. The commit behind an abort may fail once
// more by itself, so it takes a few of them in a row.
void Worker::note_refused() {
  for (const kafka::Refused& record : producer_->refused()) refused_ = record.outcome.text;
  if (refused_.empty() || ++refused_in_a_row_ < kRefusedMax) return;
  fail(AppFault::mismatch, "the brokers refuse a result: " + refused_);
}

void Worker::abort() {
  note_refused();
  if (health_ != Health::good) return;
  if (output_->transaction_open()) {
    const kafka::Outcome outcome = producer_->abort(kRequestWait);
    if (outcome.fault == kafka::Fault::kRetriable && !abort_is_stuck()) return;
    if (!outcome.ok()) return answer({kafka::Fault::kFatal, outcome.text}, "an abort failed");
    abort_begun_ = kNoTime;
    output_->transaction_ended();
  }
  output_->abort_sinks();
  aborting_ = false;
  committing_ = Committing::no;
  letters_.clear();
  if (originals_) originals_->forget();
  ++aborts_;
  rewind();
}

// Not while nobody answers anything.
bool Worker::abort_is_stuck() {
  if (abort_begun_ == kNoTime) abort_begun_ = now_;
  if (now_ - abort_begun_ < kAbortMaxMs) return false;
  if (admin_->topics().ok()) return true;
  abort_begun_ = now_;
  return false;
}

// Every task is again as of its last commit.
void Worker::rewind() {
  for (auto& [id, running] : tasks_) {
    running->in_commit = running->drained = false;
    if (!running->task) continue;
    running->stores->abort();
    running->task->aborted();
    if (running->inputs.empty() || restoring_.contains(id)) continue;
    for (const Input& input : running->inputs) consumer_->seek(input.slot, input.committed);
    resume_inputs(*running);
    resume_sinks(*running);
  }
}

}  // namespace weir::engine
