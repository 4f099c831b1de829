#include "kafka/rdkafka_producer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include <weir/error.h>

namespace weir::kafka {
namespace {

// So long a broker may not know yet of a topic that another one has made.
constexpr Duration kNewTopicSpread{2'000};
constexpr Duration kNewTopicPause{50};
constexpr int kQueueFullPolls = 20;
constexpr int kQueueFullPollMs = 5;

void* pointer_to(const std::optional<std::string_view>& bytes) {
  if (!bytes) return nullptr;
  // An empty view may point nowhere, and that would be a null.
  return const_cast<char*>(bytes->data() == nullptr ? "" : bytes->data());
}

rd_kafka_headers_t* copy_headers(Headers headers) {
  rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
  for (const Header& header : headers) {
    const void* value = pointer_to(header.value);
    rd_kafka_header_add(list, header.name.data() == nullptr ? "" : header.name.data(),
                        static_cast<ssize_t>(header.name.size()), value,
                        header.value ? static_cast<ssize_t>(header.value->size()) : 0);
  }
  return list;
}

}  // namespace

Outcome RdProducer::make(const RdkafkaOptions& options, const ProducerOptions& producer) {
  is_transactional_ = !producer.transactional_id.empty();
  // Without a delivery callback every commit waits ten milliseconds in rd_kafka_flush.
  return client_.make(
      RD_KAFKA_PRODUCER, options, producer_properties(producer), this,
      [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, on_delivery); });
}

RdProducer::~RdProducer() {
  if (client_.get() == nullptr) return;
  // As if killed: what is queued is dropped, and no delivery is told to an object that goes.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
  for (const auto& topic : known_) topic->topic.reset();
}

void RdProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* topic = static_cast<OpenTopic*>(rd_kafka_topic_opaque(message->rkt));
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto* producer = static_cast<RdProducer*>(RdClient::owner_of(opaque));
    return producer->note_failure(*topic, *message);
  }
  const auto index = static_cast<std::size_t>(message->partition);
  if (topic->delivered.size() <= index) topic->delivered.resize(index + 1, kNoOffset);
  topic->delivered[index] = std::max(topic->delivered[index], message->offset + 1);
}

void RdProducer::note_failure(const OpenTopic& topic, const rd_kafka_message_t& message) {
  const bool is_purged = message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
                         message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (is_purged) return;  // By an abort.
  // Not rd_kafka_message_errstr(): for a record it calls the value of the record its text.
  Outcome why = outcome_of(message.err);
  const bool is_refused = why.fault == Fault::kTooLarge || why.fault == Fault::kBadTimestamp ||
                          why.fault == Fault::kMissing || why.fault == Fault::kDenied;
  // The record is out of the queue: what the caller must not do is to commit over it.
  if (!is_refused) why.fault = Fault::kFatal;
  if (undelivered_.ok()) undelivered_ = why;
  if (is_refused) {
    refused_.push_back(
        {topic.id, reinterpret_cast<std::uintptr_t>(message._private), std::move(why)});
  }
}

Outcome RdProducer::init(Duration wait) {
  if (!is_transactional_ || initialised_) return {};
  Outcome done = outcome_of(RdError(rd_kafka_init_transactions(client_.get(), millis(wait))));
  initialised_ = done.ok();
  return done;
}

RdProducer::OpenTopic& RdProducer::know(std::string_view topic) {
  for (const auto& known : known_) {
    if (known->name == topic) return *known;
  }
  known_.push_back(std::make_unique<OpenTopic>());
  OpenTopic& fresh = *known_.back();
  fresh.name = topic;
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client_.get());
  rd_kafka_topic_conf_set_opaque(conf, &fresh);
  fresh.topic.reset(rd_kafka_topic_new(client_.get(), fresh.name.c_str(), conf));
  return fresh;
}

Reply<TopicId> RdProducer::open(std::string_view topic, Duration wait) {
  OpenTopic& opened = know(topic);
  if (opened.is_open) return opened.id;
  if (!opened.topic) return Outcome{Fault::kDenied, opened.name + " is no name of a topic"};
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    Outcome asked = ask_partitions(opened, wait);
    const bool may_come =
        asked.fault == Fault::kMissing &&
        std::chrono::steady_clock::now() - begin < std::min(wait, kNewTopicSpread);
    if (!may_come && !asked.ok()) return asked;
    if (asked.ok()) break;
    std::this_thread::sleep_for(kNewTopicPause);
  }
  opened.id = static_cast<TopicId>(topics_.size());
  opened.is_open = true;
  topics_.push_back(&opened);
  return opened.id;
}

Outcome RdProducer::ask_partitions(OpenTopic& of, Duration wait) {
  const rd_kafka_metadata_t* answer = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client_.get(), 0, of.topic.get(), &answer, millis(wait));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
  const RdMetadata metadata(answer);
  if (metadata->topic_cnt != 1) return {Fault::kRetriable, "no metadata of the topic"};
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(found.err);
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader < 0) return {Fault::kRetriable, "no leader yet"};
  }
  of.partitions = found.partition_cnt;
  return {};
}

std::int32_t RdProducer::partitions(TopicId topic) const {
  check(topic < topics_.size(), "partitions: no such topic id");
  return topics_[topic]->partitions;
}

Outcome RdProducer::begin() {
  check(is_transactional_ && initialised_, "begin: not initialised");
  check(!begun_, "begin: a transaction is open");
  if (Outcome fatal = fatal_outcome(client_.get()); !fatal.ok()) return fatal;
  begun_ = true;
  return {};
}

Outcome RdProducer::begin_if_needed() {
  if (!is_transactional_ || begun_there_) return {};
  Outcome done = outcome_of(RdError(rd_kafka_begin_transaction(client_.get())));
  begun_there_ = done.ok();
  return done;
}

Outcome RdProducer::produce(const Outgoing& record) {
  check(record.topic < topics_.size(), "produce: no such topic id");
  check(begun_ || !is_transactional_, "produce: no transaction is open");
  if (!begun_there_) {
    if (Outcome begun = begin_if_needed(); !begun.ok()) return begun;
  }
  for (int i = 0; i < kQueueFullPolls; ++i) {
    Outcome done = enqueue(record);
    if (done.fault != Fault::kRetriable) return done;
    rd_kafka_poll(client_.get(), kQueueFullPollMs);
  }
  return {Fault::kRetriable, "the queue is full"};
}

Outcome RdProducer::enqueue(const Outgoing& record) {
  std::array<rd_kafka_vu_t, 8> parts;
  std::size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> auto& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  add(RD_KAFKA_VTYPE_RKT).rkt = topics_[record.topic]->topic.get();
  add(RD_KAFKA_VTYPE_PARTITION).i32 = record.partition;  // kByKey is RD_KAFKA_PARTITION_UA.
  add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  // librdkafka takes 0 for "now"; the next best is a millisecond later.
  add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = std::max<Timestamp>(1, record.timestamp);
  add(RD_KAFKA_VTYPE_OPAQUE).ptr = reinterpret_cast<void*>(record.tag);
  if (record.key) add(RD_KAFKA_VTYPE_KEY).mem = {pointer_to(record.key), record.key->size()};
  if (record.value) {
    add(RD_KAFKA_VTYPE_VALUE).mem = {pointer_to(record.value), record.value->size()};
  }
  rd_kafka_headers_t* headers = nullptr;
  if (!record.headers.empty()) {
    headers = copy_headers(record.headers);
    add(RD_KAFKA_VTYPE_HEADERS).headers = headers;
  }
  const RdError error(rd_kafka_produceva(client_.get(), parts.data(), count));
  if (!error) return {};  // The client owns the headers now.
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  return refusal(rd_kafka_error_code(error.get()));
}

Outcome RdProducer::refusal(rd_kafka_resp_err_t code) {
  if (Outcome fatal = fatal_outcome(client_.get()); !fatal.ok()) return fatal;
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return {Fault::kRetriable, "the queue is full"};
  // The transaction has failed under us.
  if (code == RD_KAFKA_RESP_ERR__STATE && is_transactional_) {
    return {Fault::kAbort, "the transaction is lost"};
  }
  return outcome_of(code);
}

void RdProducer::poll() { rd_kafka_poll(client_.get(), 0); }

Outcome RdProducer::flush(Duration wait) {
  const rd_kafka_resp_err_t code = rd_kafka_flush(client_.get(), millis(wait));
  if (Outcome fatal = fatal_outcome(client_.get()); !fatal.ok()) return fatal;
  if (is_transactional_ && !undelivered_.ok()) return {Fault::kAbort, undelivered_.text};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
  return std::exchange(undelivered_, {});
}

Outcome RdProducer::send_offsets(std::span<const Position> positions,
                                 std::string_view group_metadata, Duration wait) {
  check(begun_, "send_offsets: no transaction is open");
  if (positions.empty()) return {};
  if (Outcome begun = begin_if_needed(); !begun.ok()) return begun;
  if (group_metadata.empty()) return {Fault::kStale, "not a member of the group"};
  rd_kafka_consumer_group_metadata_t* read = nullptr;
  const RdError damaged(
      rd_kafka_consumer_group_metadata_read(&read, group_metadata.data(), group_metadata.size()));
  check(!damaged, "send_offsets: these bytes are no group metadata");
  const RdMembership membership(read);
  const RdList list = make_list(positions);
  return outcome_of(RdError(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(),
                                                                 membership.get(), millis(wait))));
}

Outcome RdProducer::commit(Duration wait) {
  check(begun_, "commit: no transaction is open");
  if (begun_there_) {
    Outcome done = outcome_of(RdError(rd_kafka_commit_transaction(client_.get(), millis(wait))));
    if (!done.ok()) return done;
  }
  if (Outcome fatal = fatal_outcome(client_.get()); !fatal.ok()) return fatal;
  begun_ = begun_there_ = false;
  return {};
}

Outcome RdProducer::abort(Duration wait) {
  check(begun_, "abort: no transaction is open");
  if (begun_there_) {
    Outcome done = outcome_of(RdError(rd_kafka_abort_transaction(client_.get(), millis(wait))));
    if (!done.ok()) return done;
  }
  undelivered_ = {};
  begun_ = begun_there_ = false;
  return {};
}

std::int64_t RdProducer::delivered(TopicId topic, std::int32_t partition) const {
  check(topic < topics_.size(), "delivered: no such topic id");
  const auto& offsets = topics_[topic]->delivered;
  const auto index = static_cast<std::size_t>(partition);
  return index < offsets.size() ? offsets[index] : kNoOffset;
}

std::span<const Refused> RdProducer::refused() {
  told_ = std::exchange(refused_, {});
  return told_;
}

}  // namespace weir::kafka
