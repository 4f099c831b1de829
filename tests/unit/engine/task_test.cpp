#include "engine/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/memory_disk.h"
#include <weir/weir.h>

namespace weir::engine::task_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Topic<std::string, std::int64_t> kLeft{"left"};
const Topic<std::string, std::int64_t> kRight{"right"};
const Topic<std::string, std::int64_t> kOut{"out"};

// Keeps what a task sends, as text: "topic/partition key=value@time".
class Outbox final : public TaskOutput {
 public:
  int open(std::string_view topic, bool repartition) override {
    topics.push_back(std::string(topic) + (repartition ? "*" : ""));
    return static_cast<int>(topics.size()) - 1;
  }
  int partitions(int) const override { return 2; }
  void send(const OutputRecord& record) override {
    std::string line = topics[static_cast<std::size_t>(record.topic)];
    if (record.partition >= 0) line += "/" + std::to_string(record.partition);
    Marker marker;
    std::int64_t number = 0;
    if (record.value && read_marker(*record.value, marker)) {
      line +=
          marker.reached == kNoTime ? " marker none" : " marker " + std::to_string(marker.reached);
      if (marker.caught_up) line += " caught up";
    } else if (record.value && Serde<std::int64_t>::read(*record.value, number)) {
      line += " " + std::string(record.key.value_or("-")) + "=" + std::to_string(number) + "@" +
              std::to_string(record.timestamp);
    } else {
      line += " " + std::string(record.value.value_or("null"));
    }
    for (const Header& header : record.headers) {
      headers.emplace_back(std::string(header.name) + "=" + std::string(header.value.value_or("")));
    }
    lines.push_back(line);
  }
  const char* refusal(const OutputRecord& record, Timestamp) const override {
    return record.timestamp > refused_after ? "timestamp" : nullptr;
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }

  Timestamp refused_after = kEndOfTime;
  std::vector<std::string> topics;
  std::vector<std::string> lines;
  std::vector<std::string> headers;
};

class TaskTest : public ::testing::Test {
 protected:
  void start(const Result<Topology>& topology, int sub_topology = 0) {
    ASSERT_TRUE(topology) << topology.error().text;
    topology_ = std::make_unique<Topology>(*topology);
    stores_ = state::open_memory(files_);
    task_ = std::make_unique<Task>(*topology_, TaskId{sub_topology, 0},
                                   Task::Options{.job = "job", .tasks = 2}, *stores_, outbox_);
  }
  void add(int input, const std::string& key, std::int64_t number, Timestamp time) {
    std::string value;
    Serde<std::int64_t>::write(number, value);
    add_bytes(input, key, value, time);
  }
  void add_bytes(int input, const std::string& key, std::string_view value, Timestamp time) {
    InputRecord record{
        .topic = input == 0 ? "left" : "right", .offset = offset_++, .timestamp = time};
    record.key = key;
    record.value = value;
    task_->add(input, record);
    task_->process(1000);
  }
  void add_marker(int input, Timestamp reached, bool caught_up = false) {
    std::string value;
    append_marker(value, {.upstream = 0, .tasks = 1, .reached = reached, .caught_up = caught_up});
    InputRecord record{.topic = "r", .offset = offset_++};
    record.value = value;
    task_->add(input, record);
    task_->process(1000);
  }
  std::unique_ptr<Topology> topology_;
  state::MemoryFiles files_;
  std::unique_ptr<state::Environment> stores_;
  Outbox outbox_;
  std::unique_ptr<Task> task_;
  std::int64_t offset_ = 0;
};

Result<Topology> copy(ErrorPolicy errors = {}) {
  Builder builder(std::move(errors));
  builder.stream(kLeft).to(kOut);
  return builder.build();
}

TEST_F(TaskTest, PassesRecordsOn) {
  start(copy());
  add(0, "k", 7, 100);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=7@100"));
  EXPECT_EQ(task_->time(), 100);
  EXPECT_EQ(task_->position(0), 1);
  EXPECT_EQ(task_->counters().records_in, 1U);
  EXPECT_EQ(task_->counters().records_out, 1U);
}

TEST_F(TaskTest, CountsByTopicAndForgetsWhatIsAborted) {
  start(copy());
  task_->reading(0, 120);
  add(0, "k", 7, 100);
  task_->before_commit();
  task_->committed(150);
  add(0, "k", 8, 100);
  EXPECT_EQ(task_->counters().in.at("left").records, 2U);
  EXPECT_EQ(task_->committed_counters().in.at("left").records, 1U);
  EXPECT_EQ(task_->committed_counters().out.at("out").records, 1U);
  EXPECT_EQ(task_->counters().end_to_end.at("out").count(), 1U);
  EXPECT_DOUBLE_EQ(task_->counters().end_to_end.at("out").sum, 0.05);
  EXPECT_DOUBLE_EQ(task_->counters().processing.at("out").sum, 0.03);
  task_->aborted();
  EXPECT_EQ(task_->counters().in.at("left").records, 1U);
  EXPECT_GT(task_->counters().in.at("left").bytes, 1U);
}

// In a transaction, one record that brokers refuse would abort everything, again and again.
TEST_F(TaskTest, AResultThatBrokersRefuseIsADeadLetter) {
  start(copy({.dead_letters = "dead"}));
  outbox_.refused_after = 150;
  add(0, "k", 7, 100);
  add(0, "k", 8, 200);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=7@100", "dead k=8@200"));
  EXPECT_EQ(task_->counters().dead_by_reason.at("timestamp"), 1U);
  EXPECT_EQ(task_->counters().records_out, 1U);
}

TEST_F(TaskTest, ABadRecordIsADeadLetterAndDoesNotMoveTime) {
  start(copy({.dead_letters = "dead"}));
  add(0, "k", 7, 100);
  outbox_.take();
  add_bytes(0, "k", "bad", 900);
  EXPECT_THAT(outbox_.take(), ElementsAre("dead bad"));
  EXPECT_EQ(task_->time(), 100);
  EXPECT_EQ(task_->position(0), 2);
  EXPECT_EQ(task_->counters().discarded.at("decode"), 1U);
  EXPECT_EQ(task_->counters().dead_by_reason.at("decode"), 1U);
  EXPECT_THAT(outbox_.headers,
              ElementsAre("__streams.errors.exception=decode", HasSubstr("expected 8 bytes"),
                          "__streams.errors.topic=left", "__streams.errors.partition=0",
                          "__streams.errors.offset=1", "weir.job=job", "weir.step=source-left",
                          "weir.reason=decode", HasSubstr("weir.version=")));
}

TEST_F(TaskTest, WithoutAPlaceForDeadLettersABadRecordStopsTheJob) {
  start(copy());
  try {
    add_bytes(0, "k", "bad", 900);
    FAIL() << "went on";
  } catch (const JobStopped& stopped) {
    EXPECT_THAT(stopped.what(), HasSubstr("left, partition 0, offset 0"));
    EXPECT_THAT(stopped.what(), HasSubstr("name a dead-letter topic"));
  }
}

TEST_F(TaskTest, WhatCannotBeReadMayHaveAnAnswerOfItsOwn) {
  start(copy({.dead_letters = "dead", .decode = OnError::stop}));
  EXPECT_THROW(add_bytes(0, "k", "bad", 900), JobStopped);
  start(copy({.dead_letters = {}, .record = OnError::stop, .decode = OnError::drop}));
  add_bytes(0, "k", "bad", 900);
  EXPECT_EQ(task_->counters().discarded.at("decode"), 1U);
}

TEST_F(TaskTest, ARefusedRecordDoesNotMoveTime) {
  Builder builder(ErrorPolicy{.dead_letters = "dead"});
  builder.stream(kLeft).require("positive", [](const std::int64_t& n) { return n > 0; }).to(kOut);
  start(builder.build());
  add(0, "k", 5, 100);
  add(0, "k", -5, 900);
  EXPECT_EQ(task_->time(), 100);
  EXPECT_EQ(task_->counters().discarded.at("require"), 1U);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=5@100", "dead k=-5@900"));
}

TEST_F(TaskTest, TellsHowLateALateRecordIs) {
  Builder builder;
  builder.stream(kLeft)
      .group_by_key()
      .windowed({.size = std::chrono::milliseconds(100)})
      .count("counts")
      .for_each([](const std::int64_t&) {});
  start(builder.build());
  add(0, "k", 1, 50);
  add(0, "k", 1, 3'000);
  add(0, "k", 1, 500);
  EXPECT_EQ(task_->counters().discarded.at("late"), 1U);
  EXPECT_EQ(task_->counters().late_by.at("left").count(), 1U);
  EXPECT_DOUBLE_EQ(task_->counters().late_by.at("left").sum, 2.5);
  task_->aborted();
  EXPECT_FALSE(task_->counters().late_by.contains("left"));
}

TEST_F(TaskTest, AFilteredRecordMovesTime) {
  Builder builder;
  builder.stream(kLeft).filter([](const std::int64_t& n) { return n > 0; }).to(kOut);
  start(builder.build());
  add(0, "k", -5, 900);
  EXPECT_EQ(task_->time(), 900);
}

Result<Topology> merged() {
  Builder builder;
  builder.stream(kLeft).merge(builder.stream(kRight)).to(kOut);
  return builder.build();
}

TEST_F(TaskTest, TakesTheOldestRecordOfItsInputsFirst) {
  start(merged());
  add(0, "l", 1, 100);
  add(0, "l", 2, 300);
  EXPECT_THAT(outbox_.take(), IsEmpty());  // The other input may bring something older.
  add(1, "r", 3, 200);
  EXPECT_THAT(outbox_.take(), ElementsAre("out l=1@100", "out r=3@200"));
  task_->at_end(1, true);
  task_->process(1000);
  EXPECT_THAT(outbox_.take(), ElementsAre("out l=2@300"));
}

TEST_F(TaskTest, ItsTimeIsTheSmallestOfItsInputs) {
  start(merged());
  add(0, "l", 1, 300);
  add(1, "r", 3, 200);
  task_->at_end(1, true);
  task_->process(1000);
  EXPECT_EQ(task_->time(), 200);
}

TEST_F(TaskTest, PositionsArePastProcessedRecordsOnly) {
  start(merged());
  add(0, "l", 1, 100);
  EXPECT_EQ(task_->position(0), -1);
  EXPECT_EQ(task_->queued_records(0), 1U);
  task_->at_end(1, true);
  task_->process(1000);
  EXPECT_EQ(task_->position(0), 1);
}

Result<Topology> repartitioned() {
  Builder builder;
  const auto by_number = [](const std::int64_t& n) { return std::to_string(n); };
  auto left = builder.stream(kLeft, {.idle = 0s}).rekey(by_number).repartition("l");
  auto right = builder.stream(kRight, {.idle = 0s}).rekey(by_number).repartition("r");
  left.merge(right).to(kOut);
  return builder.build();
}

TEST_F(TaskTest, WritesMarkersIntoEachPartitionWhenTimeHasMoved) {
  start(repartitioned());
  add(0, "k", 7, 100);
  outbox_.take();
  EXPECT_TRUE(task_->has_news());
  task_->before_commit();
  EXPECT_THAT(outbox_.take(), ElementsAre("l*/0 marker 100", "l*/1 marker 100"));
  task_->committed(150);
  EXPECT_FALSE(task_->has_news());
  task_->before_commit();
  EXPECT_THAT(outbox_.take(), IsEmpty());
}

TEST_F(TaskTest, TellsWhenItHasCaughtUp) {
  start(repartitioned());
  add(0, "k", 7, 100);
  task_->before_commit();
  task_->committed(150);
  outbox_.take();
  task_->at_end(0, true);
  EXPECT_TRUE(task_->has_news());
  task_->before_commit();
  EXPECT_THAT(outbox_.take(),
              ElementsAre("l*/0 marker 100 caught up", "l*/1 marker 100 caught up"));
}

// The reading side of `repartitioned`: two repartition topics that meet.
class MeetingTest : public TaskTest {
 protected:
  void SetUp() override { start(repartitioned(), 1); }
  void add_record(int input, std::int64_t number, Timestamp time) {
    std::string key, value;
    KeySerde<std::string>::write("k", key);
    value.push_back(detail::kRepartitionFirst);
    StateSerde<std::int64_t>::write(number, value);
    add_bytes(input, key, value, time);
  }
};

TEST_F(MeetingTest, ARecordWaitsUntilTheOtherSidesMarkersHaveComeAsFar) {
  add_record(0, 1, 100);
  add_marker(1, 99);
  EXPECT_THAT(outbox_.take(), IsEmpty());
  add_marker(1, 100);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=1@100"));
}

TEST_F(MeetingTest, NothingWaitsForASideThatHasCaughtUp) {
  add_record(0, 1, 100);
  add_marker(1, 5, true);
  EXPECT_THAT(outbox_.take(), IsEmpty());  // There may be more of it at the broker.
  task_->at_end(1, true);
  task_->process(1000);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=1@100"));
}

TEST_F(MeetingTest, OnlyMarkersMoveTime) {
  add_record(0, 1, 30);
  add_marker(1, 50);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=1@30"));
  EXPECT_EQ(task_->time(), kNoTime);
  add_marker(0, 60);
  EXPECT_EQ(task_->time(), 50);
}

TEST_F(MeetingTest, ADamagedRecordIsSeen) {
  EXPECT_THROW(add_bytes(0, "k", "\x07", 1), JobStopped);
}

TEST_F(TaskTest, AfterAnAbortItIsAsOfItsLastCommit) {
  Builder builder;
  builder.stream(kLeft, {.idle = 0s})
      .group_by_key()
      .windowed({.size = 100ms})
      .count("c")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  start(builder.build());
  add(0, "k", 1, 10);
  task_->before_commit();
  stores_->commit({});
  const std::string state = task_->state(0);
  task_->committed(150);
  add(0, "k", 1, 20);
  add(0, "k", 1, 150);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=2@20"));
  stores_->abort();
  task_->aborted();
  task_->resume(0, state);
  EXPECT_EQ(task_->counters().records_in, 1U);
  add(0, "k", 1, 160);
  EXPECT_THAT(outbox_.take(), ElementsAre("out k=1@10"));
}

}  // namespace
}  // namespace weir::engine::task_test
