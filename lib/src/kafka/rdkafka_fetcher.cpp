#include "kafka/rdkafka_fetcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include <weir/error.h>

namespace weir::kafka {
namespace {

constexpr Duration kSeekWait{2'000};
constexpr std::size_t kAhead = 8;  // Messages, whose bytes another core has just written.

std::optional<std::string_view> view_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string_view(static_cast<const char*>(bytes), size);
}

// Whether a message has no headers for sure, without asking librdkafka, which makes and frees three
// pieces of memory to say so. In the batch that they lie in, headers follow the value, the number
// of them first. That byte may be read when the next message begins less than a page behind it: no
// page that is not there fits in between.
bool lacks_headers(const rd_kafka_message_t& message, const rd_kafka_message_t* next) {
  constexpr std::uintptr_t kPage = 4096;
  if (message.payload == nullptr || next == nullptr || next->payload == nullptr) return false;
  const char* behind = static_cast<const char*>(message.payload) + message.len;
  const auto there = reinterpret_cast<std::uintptr_t>(next->payload);
  const auto here = reinterpret_cast<std::uintptr_t>(behind);
  return there > here && there - here < kPage && *behind == 0;
}

// Where lacks_headers() will look.
void prefetch(const rd_kafka_message_t& message) {
  __builtin_prefetch(static_cast<const char*>(message.payload) + message.len);
}

Event::Kind kind_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return Event::Kind::kOffsetGone;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Event::Kind::kTopicMissing;
    default:
      return fault_of(code) == Fault::kDenied ? Event::Kind::kFailed : Event::Kind::kTrouble;
  }
}

}  // namespace

void RdFetcher::start(std::span<const Start> starts) {
  for (const Start& start : starts) {
    if (slots_.size() <= start.slot) slots_.resize(start.slot + 1);
    check(slots_[start.slot] == nullptr, "start: the slot is in use");
    auto source = std::make_unique<Source>();
    source->queue.reset(rd_kafka_queue_get_partition(client_, start.partition.topic.c_str(),
                                                     start.partition.index));
    check(source->queue != nullptr, "no queue of a partition");
    rd_kafka_queue_forward(source->queue.get(), nullptr);
    bell_.watch(source->queue.get());
    source->watched = std::make_shared<EndWatch::Watched>();
    source->watched->partition = start.partition;
    source->watched->position = start.offset;
    source->next_offset = start.offset;
    slots_[start.slot] = std::move(source);
  }
  watch_ends();
}

void RdFetcher::stop(std::span<const Slot> slots) {
  for (const Slot slot : slots) {
    Source& of = source(slot);
    drop_batch(of);
    Bell::unwatch(of.queue.get());
    slots_[slot].reset();
  }
  watch_ends();
}

void RdFetcher::clear() {
  for (const auto& of : slots_) {
    if (of == nullptr) continue;
    drop_batch(*of);
    Bell::unwatch(of->queue.get());
  }
  slots_.clear();
  watch_ends();
}

void RdFetcher::watch_ends() {
  std::vector<std::shared_ptr<EndWatch::Watched>> all;
  for (const auto& of : slots_) {
    if (of != nullptr) all.push_back(of->watched);
  }
  ends_.watch(std::move(all));
}

RdList RdFetcher::list_of(std::span<const Start> starts) const {
  RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(starts.size())));
  for (const Start& start : starts) {
    rd_kafka_topic_partition_list_add(list.get(), start.partition.topic.c_str(),
                                      start.partition.index)
        ->offset = start.offset;
  }
  return list;
}

RdList RdFetcher::list_of(std::span<const Slot> slots) const {
  RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(slots.size())));
  for (const Slot slot : slots) {
    const Source& of = source(slot);
    const Partition& partition = of.watched->partition;
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.index)
        ->offset = of.next_offset;
  }
  return list;
}

RdList RdFetcher::list_of_all() const {
  std::vector<Slot> all;
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot] != nullptr) all.push_back(slot);
  }
  return list_of(all);
}

RdFetcher::Source& RdFetcher::source(Slot slot) const {
  check(slot < slots_.size() && slots_[slot] != nullptr, "no such slot");
  return *slots_[slot];
}

void RdFetcher::drop_batch(Source& of) {
  of.records.clear();
  for (rd_kafka_message_t* message : of.held) rd_kafka_message_destroy(message);
  of.held.clear();
}

Batch RdFetcher::read(Slot slot, std::size_t max) {
  Source& from = source(slot);
  drop_batch(from);
  from.held.resize(max);
  const ssize_t count = rd_kafka_consume_batch_queue(from.queue.get(), 0, from.held.data(), max);
  from.held.resize(static_cast<std::size_t>(std::max<ssize_t>(0, count)));
  for (std::size_t at = 0; at < from.held.size(); ++at) {
    if (at + kAhead < from.held.size()) prefetch(*from.held[at + kAhead]);
    const rd_kafka_message_t* message = from.held[at];
    const rd_kafka_message_t* next = at + 1 < from.held.size() ? from.held[at + 1] : nullptr;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      take_error(from, *message);
      continue;
    }
    from.at_end = false;
    from.next_offset = message->offset + 1;
    rd_kafka_timestamp_type_t type;
    const std::int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    from.records.push_back({message->offset, timestamp, view_of(message->key, message->key_len),
                            view_of(message->payload, message->len),
                            lacks_headers(*message, next) ? nullptr : message});
  }
  from.watched->position.store(from.next_offset, std::memory_order_relaxed);
  const bool at_end = from.at_end && from.watched->is_at_end(EndWatch::now_ms());
  return {from.records, from.next_offset, at_end};
}

void RdFetcher::take_error(Source& from, const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    from.at_end = true;
    from.next_offset = std::max(from.next_offset, message.offset);
    from.watched->asked_ms.store(EndWatch::now_ms(), std::memory_order_relaxed);
    return;
  }
  const Event::Kind kind = kind_of(message.err);
  Outcome outcome = outcome_of(message.err, rd_kafka_message_errstr(&message));
  if (kind == Event::Kind::kOffsetGone) outcome.fault = Fault::kMissing;
  from.at_end = false;
  add_event({kind, {from.watched->partition}, std::move(outcome)});
}

Headers RdFetcher::headers(const Incoming& record) {
  headers_.clear();
  if (record.origin == nullptr) return headers_;
  rd_kafka_headers_t* list = nullptr;
  const auto* message = static_cast<const rd_kafka_message_t*>(record.origin);
  if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers_;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers_.push_back({name, view_of(value, size)});
  }
  return headers_;
}

bool RdFetcher::seek(Slot slot, std::int64_t offset) {
  Source& of = source(slot);
  drop_batch(of);
  of.at_end = false;
  of.next_offset = offset;
  of.watched->position.store(offset, std::memory_order_relaxed);
  const std::vector<Partition> one = {of.watched->partition};
  const RdList list = make_list(one, offset);
  const RdError error(rd_kafka_seek_partitions(client_, list.get(), millis(kSeekWait)));
  // It fails where fetching has ended with an error.
  return !error && list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::int64_t RdFetcher::end_offset(Slot slot) const {
  return source(slot).watched->end.load(std::memory_order_relaxed);
}

void RdFetcher::take_events(std::vector<Event>& into) {
  for (Event& event : events_) into.push_back(std::move(event));
  events_.clear();
}

}  // namespace weir::kafka
