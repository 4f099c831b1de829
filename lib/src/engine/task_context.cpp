// What stages see of their task: stores, topics, reasons; and what is counted there.

#include <algorithm>

#include "engine/dead_letter.h"
#include "engine/task_parts.h"

namespace weir::engine {

namespace {

constexpr std::size_t kHeldBytesMax = 1 << 20;

std::string place_of(const InputRecord* record) {
  if (record == nullptr) return "a result of what had gathered before";
  return std::string(record->topic) + ", partition " + std::to_string(record->partition) +
         ", offset " + std::to_string(record->offset);
}

}  // namespace

BytesStore& Task::store(std::string_view name) { return stores_.store(name); }

int Task::output(std::string_view topic) {
  const bool repartition = starting_ != nullptr && starting_->role == Role::repartition_write;
  const int number = output_.open(topic, repartition);
  const auto at = static_cast<std::size_t>(number);
  if (targets_.size() <= at) targets_.resize(at + 1);
  if (!targets_[at]) targets_[at] = std::make_unique<Target>(Target{std::string(topic)});
  targets_[at]->is_sink = !repartition;
  return number;
}

void Task::send(const OutputRecord& record) {
  news_ = true;  // What a call by the wall clock sends waits for no record to be committed.
  Target& target = *targets_[static_cast<std::size_t>(record.topic)];
  if (const char* reason = output_.refusal(record, now_)) return refuse_result(record, reason);
  if (target.is_sink) {
    target.out.records += 1;
    target.out.bytes +=
        (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    if (target.times.is_due()) [[unlikely]] {
      target.times.add(record.timestamp, current_ != nullptr ? current_->read_at : now_);
    }
  }
  output_.send(record);
}

// A result that no broker takes must not abort its transaction, now and at every retry. What led to
// it is the dead letter, or the result itself where a closing window made it.
void Task::refuse_result(const OutputRecord& record, const char* reason) {
  starting_ = nullptr;
  auto& counter = discards(reason);
  const std::string text =
      "a result for '" + targets_[static_cast<std::size_t>(record.topic)]->topic + "', of " +
      std::to_string((record.key ? record.key->size() : 0) +
                     (record.value ? record.value->size() : 0)) +
      " bytes and time " + std::to_string(record.timestamp) + ", is not taken by the brokers";
  if (current_record_ != nullptr) return discard(counter, text);
  InputRecord result;
  result.topic = targets_[static_cast<std::size_t>(record.topic)]->topic;
  result.partition = -1;
  result.offset = -1;
  result.timestamp = record.timestamp;
  result.key = record.key;
  result.value = record.value;
  result.headers = record.headers;
  current_record_ = &result;
  discard(counter, text);
  current_record_ = nullptr;
}

std::string_view Task::step() const {
  return starting_ != nullptr ? std::string_view(starting_->name) : std::string_view();
}

DiscardCounter& Task::discards(std::string_view reason, std::string_view step) {
  for (const auto& known : discards_) {
    if (known->reason == reason && known->step == step) return *known;
  }
  discards_.push_back(std::make_unique<Discard>());
  discards_.back()->reason = reason;
  discards_.back()->step = step;
  discards_.back()->is_late = reason == "late";
  discards_.back()->answer = answer_to(reason);
  return *discards_.back();
}

OnError Task::answer_to(std::string_view reason) const {
  const bool keeps = dead_letter_topic_ >= 0;
  if (reason == "duplicate") {
    return keeps && errors_.keep_duplicates ? OnError::dead_letter : OnError::drop;
  }
  const bool late = reason == "late";
  const bool unreadable = reason == "decode" && errors_.decode != OnError::automatic;
  const OnError wanted = late ? errors_.late : unreadable ? errors_.decode : errors_.record;
  if (wanted != OnError::automatic) return wanted;
  if (keeps) return OnError::dead_letter;
  // Nothing is wrong with a record that came late or that nobody can be its partner.
  return late || reason == "null_key" ? OnError::drop : OnError::stop;
}

void Task::discard(DiscardCounter& counter, std::string_view text) {
  auto& discard = static_cast<Discard&>(counter);
  ++discard.records;
  if (discard.is_late && current_ != nullptr) note_late();
  if (discard.answer == OnError::drop) return;
  if (discard.answer == OnError::stop) {
    throw JobStopped(discard.reason + " in '" + discard.step + "': " + std::string(text) + " (" +
                     place_of(current_record_) +
                     (dead_letter_topic_ < 0
                          ? "); name a dead-letter topic to go on without such records"
                          : "); the job is to stop at such records"));
  }
  // A result that a closing window forwarded is no input record: there are no bytes to keep.
  if (current_record_ == nullptr) return;
  ++discard.dead;
  const DeadLetter letter{options_.job, discard.step, discard.reason, text};
  const Origin* came_from = current_ != nullptr ? current_->source.origin() : nullptr;
  if (came_from == nullptr) {
    return send_dead_letter(letter, *current_record_, dead_letter_topic_, output_);
  }
  held_.emplace_back(*came_from, letter, *current_record_);
  held_bytes_ += held_.back().bytes();
  if (held_bytes_ > kHeldBytesMax) commit_soon_ = true;
}

// By the time of its own partition, which alone decides.
void Task::note_late() {
  const Timestamp told = current_->source.observed();
  const Timestamp reached = current_->is_repartition() ? told : current_->reached();
  const Timestamp by = std::max<Timestamp>(0, reached - current_->source.time());
  current_->late_by.observe(static_cast<double>(by) / 1e3);
}

void Task::send_letter(const HeldLetter& letter, const InputRecord* original) {
  letter.send(original, options_.job, dead_letter_topic_, output_);
}

const Origin* Task::origin() const {
  if (current_ == nullptr || dead_letter_topic_ < 0) return nullptr;
  if (current_->is_repartition()) return current_->source.origin();
  origin_ = {current_->topic_hash, current_record_->partition, current_record_->offset};
  return &origin_;
}

void Task::refuse(DiscardCounter& counter, std::string_view text) {
  refused_ = true;
  discard(counter, text);
}

Counters Task::count(bool committed) const {
  Counters counters;
  for (const auto& input : inputs_) {
    if (input->is_repartition()) continue;
    counters.in[input->spec.topic].add(committed ? input->committed_in : input->in);
  }
  for (const auto& target : targets_) {
    if (!target || !target->is_sink) continue;
    counters.out[target->topic].add(committed ? target->committed_out : target->out);
    if (target->end_to_end.count() == 0) continue;
    counters.end_to_end[target->topic] = target->end_to_end;
    counters.processing[target->topic] = target->processing;
  }
  for (const auto& input : inputs_) {
    const Histogram& late = committed ? input->committed_late_by : input->late_by;
    if (late.count() > 0) counters.late_by[input->spec.topic].add(late);
  }
  for (const auto& [topic, flow] : counters.in) counters.records_in += flow.records;
  for (const auto& [topic, flow] : counters.out) counters.records_out += flow.records;
  for (const auto& discard : discards_) {
    const std::uint64_t records = committed ? discard->committed : discard->records;
    const std::uint64_t dead = committed ? discard->committed_dead : discard->dead;
    if (records > 0) counters.discarded[discard->reason] += records;
    if (records > 0) counters.discarded_by_step[{discard->step, discard->reason}] += records;
    if (dead > 0) counters.dead_by_reason[discard->reason] += dead;
    counters.dead_letters += dead;
  }
  return counters;
}

AppSnapshot::Input Task::look(int input) const {
  const RunningInput& running = *inputs_[static_cast<std::size_t>(input)];
  AppSnapshot::Input seen;
  seen.topic = running.spec.topic;
  seen.partition = id_.partition;
  seen.is_source = !running.is_repartition();
  seen.time = running.reached();
  seen.idle = seen.is_source && running.clock.idle();
  seen.queued = running.queue.size();
  return seen;
}

void Task::look_at_steps(std::map<std::string, AppSnapshot::Step>& into) const {
  for (std::size_t number = 0; number < stages_.size(); ++number) {
    const RunningStage& running = stages_[number];
    AppSnapshot::Step step;
    step.kind = running.spec->kind;
    for (const auto& input : inputs_) {
      if (input->stage == static_cast<int>(number)) step.in = input->committed_in.records;
    }
    for (const OutputMeter* meter : running.inputs) {
      step.inputs.push_back(watch_.committed_records(*meter));
      step.in += step.inputs.back();
    }
    for (const OutputMeter* meter : running.outputs) step.out += watch_.committed_records(*meter);
    const Role role = running.spec->role;
    if (role == Role::sink || role == Role::repartition_write) step.out = step.in;
    step.busy_seconds = watch_.spent(number).busy_ns / 1e9;
    step.times = watch_.spent(number).times;
    step.open_windows = running.stage->open_windows();
    into[running.spec->name].add(step);
  }
}

}  // namespace weir::engine
