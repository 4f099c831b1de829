#include "engine/worker_output.h"

#include <algorithm>

#include "engine/dead_letter.h"
#include "engine/names.h"

namespace weir::engine {

namespace {

// Each serves the producer for a moment, so that a full queue empties: some seconds in all.
constexpr int kSendTriesMax = 40;

}  // namespace

bool WorkerOutput::open_all() {
  for (const std::string& topic : layout_.written) {
    if (ids_.contains(topic)) continue;
    const auto reply = producer_.open(topic, Duration{1000});
    if (reply.outcome.fault == kafka::Fault::kRetriable) return false;
    if (!reply.ok()) throw ProducerTrouble(reply.outcome);
    ids_.emplace(topic, reply.value);
  }
  topics_ = static_cast<kafka::TopicId>(ids_.size());
  limits_.resize(topics_);
  for (const auto& [topic, limits] : layout_.limits) limits_[id_of(topic)] = limits;
  return true;
}

void WorkerOutput::add_sink(std::string name, std::vector<std::unique_ptr<Sink>> sinks) {
  ids_.emplace(name, topics_ + static_cast<kafka::TopicId>(sinks_.size()));
  sinks_.push_back(std::make_unique<SinkQueue>(
      name, std::move(sinks), bell_, [this, name](const SinkRecord& record, std::string_view why) {
        refused_by_sink(name, record, why);
      }));
}

kafka::TopicId WorkerOutput::id_of(std::string_view topic) const {
  const auto it = ids_.find(topic);
  check(it != ids_.end(), "a topic outside the layout is written");
  return it->second;
}

void WorkerOutput::begin() {
  if (!transactional_ || open_) return;
  const kafka::Outcome outcome = producer_.begin();
  if (!outcome.ok()) throw ProducerTrouble(outcome);
  open_ = true;
}

void WorkerOutput::send(const kafka::Outgoing& record) {
  begin();
  kafka::Outcome outcome = producer_.produce(record);
  for (int tries = 0; outcome.fault == kafka::Fault::kRetriable && tries < kSendTriesMax; ++tries) {
    producer_.poll();
    outcome = producer_.produce(record);
  }
  // This record is lost to its task now, so nothing of what the task did since its last commit may
  // stay: all of it is read again.
  if (outcome.fault == kafka::Fault::kRetriable) outcome.fault = kafka::Fault::kAbort;
  if (!outcome.ok()) throw ProducerTrouble(outcome);
}

const char* WorkerOutput::refusal(const OutputRecord& record, Timestamp now) const {
  const auto topic = static_cast<kafka::TopicId>(record.topic);
  return is_sink(topic) ? nullptr : limits_[topic].refusal(record, now);
}

void WorkerOutput::fit(kafka::Outgoing& record, Timestamp now) const {
  const OutputLimits& limits = limits_[record.topic];
  record.timestamp = limits.nearest(record.timestamp, now);
  OutputRecord as_result;
  as_result.key = record.key;
  as_result.value = record.value;
  as_result.timestamp = record.timestamp;
  as_result.headers = record.headers;
  if (limits.refusal(as_result, now) != nullptr) record.value = std::nullopt;
}

// ---- Sinks -------------------------------------------------------------------------------------

template <class Call>
SinkQueue::Progress WorkerOutput::each_sink(bool away, Call call) {
  SinkQueue::Progress all = SinkQueue::Progress::done;
  for (const auto& sink : sinks_) {
    if (sink->is_away() != away) continue;
    const SinkQueue::Progress progress = call(*sink);
    const bool trouble = progress >= SinkQueue::Progress::again;
    if (trouble && progress > all) sink_trouble_ = sink->why();
    all = worse(all, progress);
  }
  return all;
}

SinkQueue::Progress WorkerOutput::flush_sinks() {
  return each_sink(false, [](SinkQueue& sink) { return sink.flush(); });
}

SinkQueue::Progress WorkerOutput::write_sinks(Timestamp now) {
  return each_sink(false, [now](SinkQueue& sink) { return sink.write(now); });
}

SinkQueue::Progress WorkerOutput::settle_sinks() {
  return each_sink(false, [](SinkQueue& sink) { return sink.settle(); });
}

SinkQueue::Progress WorkerOutput::probe_sinks(bool ask) {
  return each_sink(true, [ask](SinkQueue& sink) { return sink.probe(ask); });
}

void WorkerOutput::abort_sinks() {
  for (const auto& sink : sinks_) sink->abort();
  refused_now_ = {};
}

void WorkerOutput::committed(bool quick) {
  transaction_ended();
  for (const auto& sink : sinks_) sink->committed(quick);
  refused_.add(refused_now_);
  refused_now_ = {};
}

bool WorkerOutput::out_of_room() const {
  return std::any_of(sinks_.begin(), sinks_.end(),
                     [](const auto& sink) { return !sink->is_away() && sink->room() == 0; });
}

bool WorkerOutput::sinks_in_flight() const {
  return std::any_of(sinks_.begin(), sinks_.end(),
                     [](const auto& sink) { return sink->in_flight(); });
}

void WorkerOutput::wait_for_sinks(Duration longest) {
  std::unique_lock lock(bell_.mutex);
  bell_.rung.wait_for(lock, longest, [this] {
    return std::any_of(sinks_.begin(), sinks_.end(),
                       [](const auto& sink) { return sink->has_answer(); });
  });
}

void WorkerOutput::refused_by_sink(const std::string& sink, const SinkRecord& record,
                                   std::string_view why) {
  refused_now_.discarded["sink"] += 1;
  refused_now_.discarded_by_step[{sink, "sink"}] += 1;
  if (layout_.dead_letters.empty() || layout_.stops_at_refused) {
    throw JobStopped("the sink '" + sink + "' refuses a record: " + std::string(why) +
                     (layout_.dead_letters.empty()
                          ? "; name a dead-letter topic to go on without such records"
                          : "; the job is to stop at such records"));
  }
  refused_now_.dead_letters += 1;
  refused_now_.dead_by_reason["sink"] += 1;
  InputRecord result;
  result.topic = sink;
  result.partition = -1;
  result.offset = -1;
  result.timestamp = record.timestamp;
  result.key = record.key;
  result.value = record.value;
  TaskPort port(*this, 0);
  port.tick(record.timestamp);
  send_dead_letter({job_, sink, "sink", why}, result, static_cast<int>(id_of(layout_.dead_letters)),
                   port);
}

// ---- The side of a task ------------------------------------------------------------------------

int TaskPort::open(std::string_view topic, bool repartition) {
  const std::string name =
      repartition ? repartition_topic(output_.job(), topic) : std::string(topic);
  return static_cast<int>(output_.id_of(name));
}

void TaskPort::send(const OutputRecord& record) {
  if (output_.is_sink(static_cast<kafka::TopicId>(record.topic))) {
    output_.sink_of(static_cast<kafka::TopicId>(record.topic)).add(record, source_, ++number_);
    return;
  }
  kafka::Outgoing out;
  out.topic = static_cast<kafka::TopicId>(record.topic);
  out.partition = record.partition;
  // Without a key any partition will do, but always the same one: results do not depend on chance.
  if (record.partition < 0 && !record.key) out.partition = home_ % partitions(record.topic);
  out.key = record.key;
  out.value = record.value;
  out.timestamp = record.timestamp;
  out.headers = record.headers;
  if (output_.refusal(record, now_) != nullptr) output_.fit(out, now_);
  output_.send(out);
}

}  // namespace weir::engine
