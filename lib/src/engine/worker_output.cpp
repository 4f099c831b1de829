#include "engine/worker_output.h"

#include "engine/names.h"

namespace weir::engine {

namespace {

constexpr int kSendTriesMax = 10'000;  // Each serves the producer; a full queue empties meanwhile.

}  // namespace

bool WorkerOutput::open_all() {
  for (const std::string& topic : layout_.written) {
    if (ids_.contains(topic)) continue;
    const auto reply = producer_.open(topic, Duration{1000});
    if (reply.outcome.fault == kafka::Fault::kRetriable) return false;
    if (!reply.ok()) throw ProducerTrouble(reply.outcome);
    ids_.emplace(topic, reply.value);
  }
  return true;
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
  if (!outcome.ok()) throw ProducerTrouble(outcome);
}

int TaskPort::open(std::string_view topic, bool repartition) {
  const std::string name =
      repartition ? repartition_topic(output_.job(), topic) : std::string(topic);
  return static_cast<int>(output_.id_of(name));
}

void TaskPort::send(const OutputRecord& record) {
  kafka::Outgoing out;
  out.topic = static_cast<kafka::TopicId>(record.topic);
  out.partition = record.partition;
  // Without a key any partition will do, but always the same one: results do not depend on chance.
  if (record.partition < 0 && !record.key) out.partition = home_ % partitions(record.topic);
  out.key = record.key;
  out.value = record.value;
  out.timestamp = record.timestamp;
  out.headers = record.headers;
  output_.send(out);
}

}  // namespace weir::engine
