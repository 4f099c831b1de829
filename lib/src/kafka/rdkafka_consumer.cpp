#include "kafka/rdkafka_consumer.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <weir/error.h>

namespace weir::kafka {
namespace {

std::string bytes_of(rd_kafka_consumer_group_metadata_t* membership) {
  void* bytes = nullptr;
  std::size_t size = 0;
  const RdError error(rd_kafka_consumer_group_metadata_write(membership, &bytes, &size));
  if (error) return {};
  std::string copy(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  return copy;
}

void set_callbacks(rd_kafka_conf_t* conf,
                   void (*rebalance)(rd_kafka_t*, rd_kafka_resp_err_t,
                                     rd_kafka_topic_partition_list_t*, void*)) {
  rd_kafka_conf_set_rebalance_cb(conf, rebalance);
}

}  // namespace

Outcome RdConsumer::make(const RdkafkaOptions& options, const ConsumerOptions& consumer) {
  options_ = consumer;
  const Outcome made =
      client_.make(RD_KAFKA_CONSUMER, options, consumer_properties(consumer), this,
                   [](rd_kafka_conf_t* conf) { set_callbacks(conf, on_rebalance); });
  if (!made.ok()) return made;
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  bell_.watch(queue_.get());
  fetcher_ = std::make_unique<RdFetcher>(client_.get(), bell_);
  RdList topics(rd_kafka_topic_partition_list_new(static_cast<int>(consumer.topics.size())));
  for (const std::string& topic : consumer.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  return outcome_of(rd_kafka_subscribe(client_.get(), topics.get()));
}

RdConsumer::~RdConsumer() {
  fetcher_.reset();
  if (queue_) Bell::unwatch(queue_.get());
  queue_.reset();
}

std::span<const Event> RdConsumer::poll(Duration wait) {
  events_.clear();
  if (client_.get() == nullptr) return events_;
  serve();
  if (events_.empty() && wait.count() > 0) {
    bell_.wait(wait);
    serve();
  }
  return events_;
}

void RdConsumer::serve() {
  while (const RdMessage message{rd_kafka_consumer_poll(client_.get(), 0)}) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) take_error(*message);
  }
  fetcher_->take_events(events_);
}

void RdConsumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                              rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<RdConsumer*>(RdClient::owner_of(opaque))->note_rebalance(what, *partitions);
}

void RdConsumer::note_rebalance(rd_kafka_resp_err_t what,
                                const rd_kafka_topic_partition_list_t& partitions) {
  Event event{Event::Kind::kAssigned};
  for (int i = 0; i < partitions.cnt; ++i) {
    event.partitions.push_back(partition_in(partitions.elems[i]));
  }
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    membership_ = read_membership();
  } else if (rd_kafka_assignment_lost(client_.get()) != 0) {
    event.kind = Event::Kind::kLost;
    event.outcome = {Fault::kStale, "the assignment is lost"};
    membership_.clear();
  } else {
    event.kind = Event::Kind::kRevoked;
  }
  events_.push_back(std::move(event));
}

std::string RdConsumer::read_membership() const {
  const RdMembership now(rd_kafka_consumer_group_metadata(client_.get()));
  if (!now) return {};
  const char* instance = options_.instance_id.empty() ? nullptr : options_.instance_id.c_str();
  const RdMembership none(
      rd_kafka_consumer_group_metadata_new_with_genid(options_.group.c_str(), -1, "", instance));
  std::string bytes = bytes_of(now.get());
  if (bytes == bytes_of(none.get())) return {};
  return bytes;
}

void RdConsumer::take_error(const rd_kafka_message_t& message) {
  const char* text = rd_kafka_message_errstr(&message);
  Event event{Event::Kind::kTrouble, {}, outcome_of(message.err, text)};
  if (message.err == RD_KAFKA_RESP_ERR__FATAL) {
    event.kind = Event::Kind::kFailed;
    event.outcome = fatal_outcome(client_.get());
  } else if (event.outcome.fault == Fault::kDenied) {
    event.kind = Event::Kind::kFailed;
  } else if (event.outcome.fault == Fault::kMissing && message.rkt != nullptr) {
    event.kind = Event::Kind::kTopicMissing;
    event.partitions.push_back({rd_kafka_topic_name(message.rkt), 0});
  }
  if (event.kind == Event::Kind::kFailed && std::exchange(failed_, true)) return;
  events_.push_back(std::move(event));
}

void RdConsumer::assign(const rd_kafka_topic_partition_list_t* list) {
  const rd_kafka_resp_err_t code = rd_kafka_assign(client_.get(), list);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR || failed_) return;
  Outcome fatal = fatal_outcome(client_.get());
  failed_ = true;
  fetcher_->add_event({Event::Kind::kFailed, {}, fatal.ok() ? outcome_of(code) : fatal});
}

void RdConsumer::seek(Slot slot, std::int64_t offset) {
  // Eager assignment knows no other way than all of them.
  if (!fetcher_->seek(slot, offset)) assign(fetcher_->list_of_all().get());
}

void RdConsumer::accept(std::span<const Start> starts) {
  fetcher_->clear();
  fetcher_->start(starts);
  assign(fetcher_->list_of(starts).get());
}

void RdConsumer::release() {
  membership_.clear();
  fetcher_->clear();
  assign(nullptr);
}

Reply<std::vector<Position>> RdConsumer::committed(std::span<const Partition> partitions,
                                                   Duration wait) {
  if (partitions.empty()) return std::vector<Position>();
  const RdList list = make_list(partitions);
  const rd_kafka_resp_err_t code = rd_kafka_committed(client_.get(), list.get(), millis(wait));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(code);
  std::vector<Position> positions;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(element.err);
    positions.push_back(position_in(element));
  }
  return positions;
}

Outcome RdConsumer::commit(std::span<const Position> positions, Duration wait) {
  if (positions.empty()) return {};
  if (membership_.empty()) return {Fault::kStale, "not a member of the group"};
  const RdList list = make_list(positions);
  // A queue of its own: an answer that comes too late goes nowhere.
  const RdQueue answers(rd_kafka_queue_new(client_.get()));
  const rd_kafka_resp_err_t asked =
      rd_kafka_commit_queue(client_.get(), list.get(), answers.get(), nullptr, nullptr);
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return outcome_of(asked);
  const RdEvent answer(rd_kafka_queue_poll(answers.get(), millis(wait)));
  if (!answer) return {Fault::kRetriable, "no answer to the commit"};
  if (const auto code = rd_kafka_event_error(answer.get())) return outcome_of(code);
  const auto* result = rd_kafka_event_topic_partition_list(answer.get());
  for (int i = 0; result != nullptr && i < result->cnt; ++i) {
    if (const auto code = result->elems[i].err) return outcome_of(code);
  }
  return {};
}

void RdConsumer::close(Duration wait) {
  const auto begin = std::chrono::steady_clock::now();
  fetcher_.reset();
  if (!failed_) leave(wait);
  Bell::unwatch(queue_.get());
  queue_.reset();
  const auto used = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  client_.destroy(std::max(Duration{100}, wait - used));
}

void RdConsumer::leave(Duration wait) {
  const RdQueue events(rd_kafka_queue_new(client_.get()));
  const RdError error(rd_kafka_consumer_close_queue(client_.get(), events.get()));
  // Ignored: a client that cannot leave is destroyed, and its session ends.
  if (error) return;
  const auto end = std::chrono::steady_clock::now() + wait;
  while (rd_kafka_consumer_closed(client_.get()) == 0 && std::chrono::steady_clock::now() < end) {
    const RdEvent event(rd_kafka_queue_poll(events.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
      rd_kafka_assign(client_.get(), nullptr);
    }
  }
}

}  // namespace weir::kafka
