#include "run/topic_writer.h"

#include "run/retry.h"

namespace weir::run {

namespace {

using kafka::Fault;
using kafka::Outcome;

constexpr Duration kAnswerWait{30'000};

Outcome make_missing(kafka::Admin& admin, const std::vector<std::string>& topics, int partitions,
                     std::vector<std::string>& made) {
  auto counts = retried(kAnswerWait, [&] { return admin.partitions(topics); });
  if (!counts.ok()) return counts.outcome;
  std::vector<kafka::TopicSpec> missing;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (counts.value[i] != 0) continue;
    missing.push_back({.name = topics[i], .partitions = partitions});
    made.push_back(topics[i]);
  }
  if (missing.empty()) return {};
  auto answers = retried(kAnswerWait, [&] { return admin.create_topics(missing); });
  if (!answers.ok()) return answers.outcome;
  for (const Outcome& one : answers.value) {
    if (!one.ok() && one.fault != Fault::kExists) return one;
  }
  return {};
}

}  // namespace

kafka::Reply<std::unique_ptr<TopicWriter>> TopicWriter::open(kafka::Cluster& cluster,
                                                             const std::vector<std::string>& topics,
                                                             int partitions) {
  std::unique_ptr<TopicWriter> writer(new TopicWriter);
  auto admin = cluster.admin();
  if (!admin.ok()) return admin.outcome;
  if (Outcome made = make_missing(*admin.value, topics, partitions, writer->made_); !made.ok()) {
    return made;
  }
  auto producer = cluster.producer({.client_id = "weir-produce"});
  if (!producer.ok()) return producer.outcome;
  writer->producer_ = std::move(producer.value);
  const Outcome ready =
      retried(kAnswerWait, [&] { return writer->producer_->init(Duration(1000)); });
  if (!ready.ok()) return ready;
  for (const std::string& topic : topics) {
    auto id = retried(kAnswerWait, [&] { return writer->producer_->open(topic, Duration(1000)); });
    if (!id.ok()) return id.outcome;
    writer->ids_.push_back(id.value);
  }
  return writer;
}

Outcome TopicWriter::write(std::size_t topic, const std::optional<std::string>& key,
                           std::string_view value, Timestamp time) {
  kafka::Outgoing record{.topic = ids_[topic], .value = value, .timestamp = time};
  if (key) record.key = *key;
  return retried(kAnswerWait, [&] {
    Outcome sent = producer_->produce(record);
    if (sent.fault == Fault::kRetriable) producer_->poll();
    return sent;
  });
}

Outcome TopicWriter::finish() {
  const Outcome flushed = retried(kAnswerWait, [&] { return producer_->flush(Duration(500)); });
  refused_ += producer_->refused().size();
  return flushed;
}

}  // namespace weir::run
