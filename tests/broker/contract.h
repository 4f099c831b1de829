// What the contract tests are written in: topics, a member that follows its group, a reader that
// reads to the end, a producer that is ready.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/world.h"
#include "kafka/client.h"

namespace weir::tests {

inline constexpr Duration kWait{5'000};
inline constexpr std::int64_t kBegin = 0;

using kafka::Event;
using kafka::Fault;
using kafka::Outcome;
using kafka::Partition;
using kafka::Position;

// A record that was read, with what it said.
struct Seen {
  Partition partition;
  std::int64_t offset = 0;
  Timestamp timestamp = 0;
  std::optional<std::string> key{};
  std::optional<std::string> value{};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
};

// Repeats a call while it is retriable, as the engine's loop does.
template <class F>
auto again(F call, Duration limit = Duration{30'000}) {
  auto result = call();
  const auto retriable = [&] {
    if constexpr (std::is_same_v<decltype(result), Outcome>) {
      return result.fault == Fault::kRetriable;
    } else {
      return result.outcome.fault == Fault::kRetriable;
    }
  };
  world()->until(
      [&] {
        if (retriable()) result = call();
        return !retriable();
      },
      limit);
  return result;
}

class Contract : public ::testing::Test {
 protected:
  void SetUp() override {
    if (world() == nullptr) GTEST_SKIP() << world_missing();
    connection_ = world()->connect();
    auto admin = connection_->admin();
    ASSERT_TRUE(admin.ok()) << admin.outcome.text;
    admin_ = std::move(admin.value);
  }

  kafka::Cluster& cluster() { return *connection_; }
  kafka::Admin& admin() { return *admin_; }

  std::string make_topic(std::int32_t partitions = 1, kafka::Configs configs = {}) {
    const std::string name = world()->unique("topic");
    const std::vector<kafka::TopicSpec> specs = {
        {.name = name, .partitions = partitions, .configs = std::move(configs)}};
    auto created = again([&] { return admin_->create_topics(specs); });
    EXPECT_TRUE(created.ok()) << created.outcome.text;
    EXPECT_TRUE(created.ok() && created.value.at(0).ok()) << created.value.at(0).text;
    return name;
  }

  std::unique_ptr<kafka::Producer> make_producer(const std::string& transactional_id = {},
                                                 Duration timeout = Duration{10'000}) {
    auto made =
        cluster().producer({.transactional_id = transactional_id, .transaction_timeout = timeout});
    EXPECT_TRUE(made.ok()) << made.outcome.text;
    Outcome ready = again([&] { return made.value->init(kWait); });
    EXPECT_TRUE(ready.ok()) << ready.text;
    return std::move(made.value);
  }

  static kafka::TopicId open(kafka::Producer& producer, const std::string& topic) {
    auto id = again([&] { return producer.open(topic, kWait); });
    EXPECT_TRUE(id.ok()) << id.outcome.text;
    return id.value;
  }

  // Writes one record; the transaction, if any, is the caller's.
  static void put(kafka::Producer& producer, const std::string& topic, std::string_view value,
                  std::int32_t partition = 0) {
    const Outcome put = producer.produce({.topic = open(producer, topic),
                                          .partition = partition,
                                          .value = value,
                                          .timestamp = world()->now()});
    EXPECT_TRUE(put.ok()) << put.text;
  }

  // Writes and confirms records outside transactions.
  void write(const std::string& topic, const std::vector<std::string>& values,
             std::int32_t partition = 0) {
    auto producer = make_producer();
    for (const std::string& value : values) put(*producer, topic, value, partition);
    const Outcome flushed = again([&] { return producer->flush(kWait); });
    EXPECT_TRUE(flushed.ok()) << flushed.text;
  }

  static Outcome commit(kafka::Producer& producer) {
    return again([&] { return producer.commit(kWait); });
  }
  static Outcome abort(kafka::Producer& producer) {
    return again([&] { return producer.abort(kWait); });
  }

  // Reads a partition from `offset` to its end.
  std::vector<Seen> read_all(const std::string& topic, std::int32_t partition = 0,
                             kafka::Isolation isolation = kafka::Isolation::kReadCommitted,
                             std::int64_t offset = kBegin) {
    auto reader = cluster().reader({.isolation = isolation});
    EXPECT_TRUE(reader.ok()) << reader.outcome.text;
    const std::vector<kafka::Start> starts = {{{topic, partition}, offset, 0}};
    reader.value->start(starts);
    std::vector<Seen> seen;
    const bool ended = world()->until([&] {
      reader.value->poll(Duration{20});
      return take(*reader.value, 0, {topic, partition}, seen).at_end;
    });
    EXPECT_TRUE(ended) << "no end of " << topic;
    return seen;
  }

  // What partition 0 of a topic comes to hold: control records arrive a moment after the answer to
  // a commit.
  void expect_values(const std::string& topic, const std::vector<std::string>& expected) {
    world()->until([&] { return values(read_all(topic)) == expected; }, Duration{10'000});
    EXPECT_EQ(values(read_all(topic)), expected);
  }

  static kafka::Batch take(kafka::PartitionReader& reader, kafka::Slot slot,
                           const Partition& partition, std::vector<Seen>& into,
                           std::size_t max = 1000) {
    const kafka::Batch batch = reader.read(slot, max);
    for (const kafka::Incoming& record : batch.records) {
      Seen seen{partition, record.offset, record.timestamp, {}, {}, {}};
      if (record.key) seen.key.emplace(*record.key);
      if (record.value) seen.value.emplace(*record.value);
      for (const Header& header : reader.headers(record)) {
        seen.headers.emplace_back(header.name, header.value);
      }
      into.push_back(std::move(seen));
    }
    return batch;
  }

  static std::vector<std::string> values(const std::vector<Seen>& seen) {
    std::vector<std::string> all;
    for (const Seen& record : seen) all.push_back(record.value.value_or("(null)"));
    return all;
  }

 private:
  std::unique_ptr<kafka::Cluster> connection_;
  std::unique_ptr<kafka::Admin> admin_;
};

// A group member with the manners of the engine: it starts at the committed offsets, and gives
// back what is revoked.
class Member {
 public:
  Member(kafka::Cluster& cluster, kafka::ConsumerOptions options) {
    auto made = cluster.consumer(options);
    EXPECT_TRUE(made.ok()) << made.outcome.text;
    consumer_ = std::move(made.value);
  }

  kafka::Consumer& consumer() { return *consumer_; }
  const std::vector<Partition>& partitions() const { return partitions_; }
  const std::vector<Seen>& seen() const { return seen_; }
  int assignments() const { return assignments_; }
  int losses() const { return losses_; }
  const std::optional<Outcome>& failure() const { return failure_; }
  const std::vector<Event>& troubles() const { return troubles_; }
  void commit_when_revoked() { commits_ = true; }

  // One round of a worker's loop.
  void step() {
    const auto events = consumer_->poll(Duration{5});
    for (const Event& event : std::vector<Event>(events.begin(), events.end())) on(event);
    if (assigned_ && !started_) start();
    if (!started_) return;
    for (kafka::Slot slot = 0; slot < partitions_.size(); ++slot) take(slot);
  }

  std::vector<Position> positions() const {
    std::vector<Position> all;
    for (std::size_t i = 0; i < partitions_.size(); ++i) all.push_back({partitions_[i], next_[i]});
    return all;
  }

  void close() { consumer_->close(Duration{10'000}); }
  void die() { consumer_.reset(); }

 private:
  void on(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kAssigned:
        partitions_ = event.partitions;
        assigned_ = true;
        started_ = false;
        ++assignments_;
        break;
      case Event::Kind::kRevoked:
        if (commits_ && started_) {
          const Outcome done = consumer_->commit(positions(), Duration{5'000});
          EXPECT_TRUE(done.ok()) << done.text;
        }
        give_back();
        break;
      case Event::Kind::kLost:
        ++losses_;
        give_back();
        break;
      case Event::Kind::kFailed:
        failure_ = event.outcome;
        break;
      default:
        troubles_.push_back(event);
    }
  }

  void give_back() {
    partitions_.clear();
    assigned_ = started_ = false;
    consumer_->release();
  }

  void start() {
    auto committed = consumer_->committed(partitions_, Duration{1'000});
    if (!committed.ok()) return;  // Again in the next round.
    std::vector<kafka::Start> starts;
    next_.clear();
    for (kafka::Slot slot = 0; slot < partitions_.size(); ++slot) {
      const std::int64_t offset = committed.value[slot].offset;
      next_.push_back(offset == kafka::kNoOffset ? 0 : offset);
      starts.push_back({partitions_[slot], next_.back(), slot});
    }
    consumer_->accept(starts);
    started_ = true;
  }

  void take(kafka::Slot slot) {
    const kafka::Batch batch = consumer_->read(slot, 100);
    for (const kafka::Incoming& record : batch.records) {
      Seen seen{partitions_[slot], record.offset, record.timestamp, {}, {}, {}};
      if (record.value) seen.value.emplace(*record.value);
      seen_.push_back(std::move(seen));
    }
    next_[slot] = batch.next_offset;
  }

  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<Partition> partitions_;
  std::vector<std::int64_t> next_;
  std::vector<Seen> seen_;
  std::vector<Event> troubles_;
  std::optional<Outcome> failure_;
  int assignments_ = 0;
  int losses_ = 0;
  bool assigned_ = false;
  bool started_ = false;
  bool commits_ = false;
};

}  // namespace weir::tests
