#include "sim/sim_producer.h"

#include <algorithm>
#include <utility>

#include "kafka/partitioner.h"
#include "sim/group.h"
#include <weir/error.h>

namespace weir::sim {
namespace {

using kafka::Fault;
using kafka::Outcome;
using kafka::Reply;
using kafka::TopicId;

std::shared_ptr<const SimRecord> copy(const kafka::Outgoing& from) {
  auto record = std::make_shared<SimRecord>();
  if (from.key) record->key.emplace(*from.key);
  if (from.value) record->value.emplace(*from.value);
  record->timestamp = from.timestamp;
  for (const Header& header : from.headers) {
    record->headers.emplace_back(header.name, header.value);
  }
  return record;
}

}  // namespace

SimProducer::SimProducer(Link& link, const kafka::ProducerOptions& options)
    : link_(link), options_(options) {}

Outcome SimProducer::init(Duration) {
  if (!is_transactional() || initialised_) return {};
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kInit);
  if (!ride.arrives()) return ride.lost();
  // Fences at once; what was left open may take a moment to end.
  identity_ = link_.cluster.init_producer(options_.transactional_id);
  if (Outcome busy = check_idle(); !busy.ok()) return busy;
  if (!ride.returns()) return ride.lost();
  initialised_ = true;
  return {};
}

Reply<TopicId> SimProducer::open(std::string_view topic, Duration) {
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kOpen);
  if (!ride.arrives() || !ride.returns()) return ride.lost();
  const std::string name(topic);
  if (link_.cluster.topics().find(name) == nullptr) {
    return Outcome{Fault::kMissing, name + " does not exist"};
  }
  for (TopicId id = 0; id < topics_.size(); ++id) {
    if (topics_[id].name == name) return id;
  }
  topics_.push_back({name, {}});
  return static_cast<TopicId>(topics_.size() - 1);
}

std::int32_t SimProducer::partitions(TopicId topic) const {
  check(topic < topics_.size(), "partitions: no such topic id");
  return link_.cluster.topics().partition_count(topics_[topic].name);
}

Outcome SimProducer::begin() {
  check(is_transactional() && initialised_, "begin: not initialised");
  check(!begun_, "begin: a transaction is open");
  if (!broken_.ok()) return broken_;
  begun_ = true;
  wrote_ = false;
  return {};
}

std::int32_t SimProducer::choose_partition(const kafka::Outgoing& record) {
  if (record.partition != kafka::kByKey) return record.partition;
  const std::int32_t count = std::max(1, partitions(record.topic));
  if (record.key) return kafka::partition_of(*record.key, count);
  return static_cast<std::int32_t>(next_partition_++ % static_cast<std::uint32_t>(count));
}

Outcome SimProducer::produce(const kafka::Outgoing& record) {
  check(record.topic < topics_.size(), "produce: no such topic id");
  check(begun_ || !is_transactional(), "produce: no transaction is open");
  if (!broken_.ok()) return broken_;
  if (must_abort_) return must_abort("the transaction is lost");
  const std::size_t size =
      (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  if (size > kafka::kRecordBytesMax) return {Fault::kTooLarge, "larger than the client sends"};
  if (queue_.size() >= link_.cluster.queue_max()) return {Fault::kRetriable, "the queue is full"};
  wrote_ = true;
  queue_.push_back({record.topic, choose_partition(record), record.tag, copy(record)});
  return {};
}

void SimProducer::poll() {
  if (queue_.empty() || !broken_.ok() || must_abort_) return;
  // Ignored: flush and commit meet the same fault again and return it.
  (void)send(link_.cluster.faults().random().below(queue_.size() + 1));
}

Outcome SimProducer::send(std::size_t max) {
  if (!broken_.ok()) return broken_;
  for (; max > 0 && !queue_.empty(); --max) {
    if (!link_.is_up()) return link_.unreachable();
    const Mishap mishap = link_.cluster.faults().next(Call::kProduce);
    if (mishap == Mishap::kLostRequest) return {Fault::kRetriable, "timed out"};
    if (Outcome end = suffer(mishap); !end.ok()) return end;
    if (Outcome end = check_alive(); !end.ok()) return end;
    if (Outcome end = send_one(queue_.front()); !end.ok()) return end;
    queue_.pop_front();
  }
  return {};
}

Outcome SimProducer::send_one(const Pending& pending) {
  OpenTopic& topic = topics_[pending.topic];
  const kafka::Partition to{topic.name, pending.partition};
  Log* log = link_.cluster.topics().find(to);
  if (log == nullptr) {
    refuse(pending, {Fault::kMissing, topic.name + " has no such partition"});
    return {};
  }
  const Topic& at = *link_.cluster.topics().find(topic.name);
  if (at.still.contains(pending.partition)) return {Fault::kRetriable, "it has no leader"};
  if (Outcome why = at.check_record(*pending.record, link_.cluster.now()); !why.ok()) {
    refuse(pending, std::move(why));
    return {};
  }
  TransactionNumber number = kNoTransaction;
  if (is_transactional()) {
    if (Outcome busy = check_idle(); !busy.ok()) return busy;
    transaction().partitions.insert(to);
    number = transaction().number;
  }
  const std::int64_t offset = log->append(pending.record, number);
  const auto index = static_cast<std::size_t>(pending.partition);
  if (topic.delivered.size() <= index) topic.delivered.resize(index + 1, kafka::kNoOffset);
  topic.delivered[index] = offset + 1;
  return {};
}

void SimProducer::refuse(const Pending& pending, Outcome why) {
  if (undelivered_.ok()) undelivered_ = why;
  refused_.push_back({pending.topic, pending.tag, std::move(why)});
  if (!is_transactional()) return;
  must_abort_ = true;
  refused_in_transaction_ = true;
}

Outcome SimProducer::suffer(Mishap mishap) {
  switch (mishap) {
    case Mishap::kAbort:
      if (is_transactional()) return must_abort("the transaction is lost");
      return {Fault::kRetriable, "timed out"};
    case Mishap::kFenced:
      if (is_transactional()) link_.cluster.fence(options_.transactional_id);
      return break_down(Fault::kFenced, "fenced by a newer instance");
    case Mishap::kFatal:
      return break_down(Fault::kFatal, "sequence desynchronization");
    default:
      return {};
  }
}

Outcome SimProducer::check_alive() {
  if (!is_transactional() || link_.cluster.transactions().is_current(identity_)) return {};
  return break_down(Fault::kFenced, "fenced by a newer instance");
}

Outcome SimProducer::check_idle() const {
  if (!link_.cluster.is_completing(options_.transactional_id)) return {};
  return {Fault::kRetriable, "the last transaction is still being completed"};
}

Outcome SimProducer::break_down(Fault fault, const char* why) {
  broken_ = {fault, why};
  queue_.clear();
  return broken_;
}

Outcome SimProducer::must_abort(const char* why) {
  must_abort_ = true;
  return {Fault::kAbort, why};
}

Transaction& SimProducer::transaction() {
  return link_.cluster.transactions().open(
      identity_, later(link_.cluster.now(), options_.transaction_timeout));
}

Outcome SimProducer::flush(Duration) {
  if (!broken_.ok()) return broken_;
  if (must_abort_) return must_abort("the transaction is lost");
  if (Outcome sent = send(queue_.size()); !sent.ok()) return sent;
  if (must_abort_) return must_abort("a record was refused");
  return std::exchange(undelivered_, {});
}

Outcome SimProducer::send_offsets(std::span<const kafka::Position> positions,
                                  std::string_view group_metadata, Duration) {
  check(begun_, "send_offsets: no transaction is open");
  if (!broken_.ok()) return broken_;
  if (must_abort_) return must_abort("the transaction is lost");
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kSendOffsets);
  if (!ride.arrives()) return ride.lost();
  if (Outcome end = suffer(ride.mishap); !end.ok()) return end;
  if (Outcome end = check_alive(); !end.ok()) return end;
  if (Outcome busy = check_idle(); !busy.ok()) return busy;
  Membership from;
  if (!Membership::from_bytes(group_metadata, from) || from.member.empty()) {
    must_abort_ = true;
    return {Fault::kStale, "not a member of the group"};
  }
  Group& group = link_.cluster.group(from.group);
  if (Outcome refused = group.check_commit(from); !refused.ok()) {
    must_abort_ = true;
    return {Fault::kStale, refused.text};
  }
  for (const kafka::Position& position : positions) {
    transaction().offsets.emplace_back(from.group, position);
    group.add_pending(position.partition);
  }
  return ride.returns() ? Outcome{} : ride.lost();
}

Outcome SimProducer::commit(Duration) {
  check(begun_, "commit: no transaction is open");
  if (!broken_.ok()) return broken_;
  if (std::exchange(ended_unheard_, false)) {
    begun_ = false;
    return {};
  }
  if (Outcome sent = flush({}); !sent.ok()) return sent;
  if (wrote_ && std::exchange(sequence_gap_, false)) return must_abort("out of order sequence");
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kCommit);
  if (!ride.arrives()) return ride.lost();
  if (Outcome end = suffer(ride.mishap); !end.ok()) return end;
  if (Outcome end = check_alive(); !end.ok()) return end;
  finish(true);
  if (!ride.returns()) {
    ended_unheard_ = true;
    return ride.lost();
  }
  begun_ = false;
  return {};
}

Outcome SimProducer::abort(Duration) {
  check(begun_, "abort: no transaction is open");
  if (!broken_.ok()) return broken_;
  if (ended_unheard_) return break_down(Fault::kFatal, "abort after a commit that may have been");
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kAbort);
  if (!ride.arrives()) return ride.lost();
  if (Outcome end = suffer(ride.mishap); !end.ok() && end.fault != Fault::kAbort) return end;
  if (Outcome end = check_alive(); !end.ok()) return end;
  queue_.clear();
  finish(false);
  if (!ride.returns()) return ride.lost();
  sequence_gap_ = std::exchange(refused_in_transaction_, false);
  undelivered_ = {};
  must_abort_ = false;
  begun_ = false;
  return {};
}

void SimProducer::finish(bool committed) {
  const auto open = link_.cluster.transactions().finish(identity_);
  if (open) link_.cluster.end_transaction(*open, committed);
}

std::int64_t SimProducer::delivered(TopicId topic, std::int32_t partition) const {
  check(topic < topics_.size(), "delivered: no such topic id");
  const auto index = static_cast<std::size_t>(partition);
  const auto& offsets = topics_[topic].delivered;
  return index < offsets.size() ? offsets[index] : kafka::kNoOffset;
}

std::span<const kafka::Refused> SimProducer::refused() {
  told_ = std::exchange(refused_, {});
  return told_;
}

}  // namespace weir::sim
