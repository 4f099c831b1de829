#include "run/letter_sender.h"

#include <chrono>

#include "run/retry.h"

namespace weir::run {

namespace {

using kafka::Fault;
using kafka::Outcome;

constexpr Duration kWait{30'000};
constexpr Duration kAnswerWait{1000};

}  // namespace

kafka::Reply<std::unique_ptr<LetterSender>> LetterSender::open(kafka::Cluster& cluster,
                                                               const std::string& job,
                                                               HandledLetters& handled,
                                                               const DeadLetters& letters) {
  std::unique_ptr<LetterSender> sender(new LetterSender(handled, letters));
  if (Outcome made = handled.make(cluster); !made.ok()) return made;
  auto producer = cluster.producer({.transactional_id = job + "-dlq", .client_id = "weir-dlq"});
  if (!producer.ok()) return producer.outcome;
  sender->producer_ = std::move(producer.value);
  const Outcome ready = retried(kWait, [&] { return sender->producer_->init(kAnswerWait); });
  if (!ready.ok()) return ready;
  if (auto own = sender->topic(handled.topic()); !own.ok()) return own.outcome;
  // Only now nobody else writes there.
  if (Outcome loaded = handled.load(cluster); !loaded.ok()) return loaded;
  return sender;
}

kafka::Reply<kafka::TopicId> LetterSender::topic(const std::string& name) {
  if (const auto known = topics_.find(name); known != topics_.end()) return known->second;
  auto id = retried(kWait, [&] { return producer_->open(name, kAnswerWait); });
  if (id.outcome.fault == Fault::kMissing) {
    return Outcome{Fault::kMissing, "the topic '" + name + "' does not exist (any more)"};
  }
  if (id.ok()) topics_[name] = id.value;
  return id;
}

Outcome LetterSender::begin() {
  if (open_) return {};
  const Outcome begun = producer_->begin();
  open_ = begun.ok();
  return begun;
}

Outcome LetterSender::send(const kafka::Outgoing& record) {
  return retried(kWait, [&] {
    Outcome sent = producer_->produce(record);
    if (sent.fault == Fault::kRetriable) producer_->poll();
    return sent;
  });
}

Outcome LetterSender::replay(const DeadLetter& letter) {
  const auto to = topic(std::string(letter.topic));
  if (!to.ok()) return to.outcome;
  if (Outcome begun = begin(); !begun.ok()) return begun;
  kafka::Outgoing record{.topic = to.value,
                         .key = letter.key,
                         .value = letter.value,
                         .timestamp = letter.time,
                         .headers = letter.headers};
  // A topic that was made anew with fewer partitions has the key's own.
  if (letter.from_partition < producer_->partitions(to.value)) {
    record.partition = letter.from_partition;
  }
  if (Outcome sent = send(record); !sent.ok()) return sent;
  handled_.add(letter);
  ++pending_;
  return {};
}

Outcome LetterSender::drop(const DeadLetter& letter) {
  if (Outcome begun = begin(); !begun.ok()) return begun;
  handled_.add(letter);
  ++pending_;
  return {};
}

Outcome LetterSender::commit() {
  if (!open_) return {};
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const kafka::TopicId own = topics_.at(handled_.topic());
  for (const auto& [key, value] : handled_.take_changes(letters_.begins())) {
    kafka::Outgoing record{.topic = own, .partition = 0, .key = key};
    if (value) record.value = *value;
    record.timestamp = now;  // An old one would begin a new segment each time.
    if (Outcome sent = send(record); !sent.ok()) return sent;
  }
  const Outcome done = retried(kWait, [&] { return producer_->commit(kAnswerWait); });
  if (done.ok()) {
    open_ = false;
    pending_ = 0;
    return done;
  }
  const auto refused = producer_->refused();
  std::string why = done.text;
  if (!refused.empty()) why = refused.front().outcome.text + " (" + why + ")";
  const Outcome undone = producer_->abort(kAnswerWait);
  return {done.fault, why + (undone.ok() ? ": undone" : "")};
}

}  // namespace weir::run
