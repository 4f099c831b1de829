#include "engine/step_watch.h"

#include <gmock/gmock.h>

#include "engine/task.h"
#include "state/memory_disk.h"
#include <weir/weir.h>

namespace weir::engine::step_watch_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};

class Nowhere final : public TaskOutput {
 public:
  int open(std::string_view, bool) override { return topics_++; }
  int partitions(int) const override { return 1; }
  void send(const OutputRecord&) override {}

 private:
  int topics_ = 0;
};

// Two steps: half of the records pass the first, each of those makes two.
class StepWatchTest : public ::testing::Test {
 protected:
  StepWatchTest() {
    Builder builder;
    builder.stream(kIn)
        .filter([](std::int64_t number) { return number % 2 == 0; }, {"even"})
        .flat_map_values(
            [](std::int64_t number) {
              return std::vector{number, number + 1};
            },
            {"twice"})
        .to(kOut);
    topology_ = std::make_unique<Topology>(*builder.build());
    stores_ = state::open_memory(files_);
    task_ = std::make_unique<Task>(*topology_, TaskId{0, 0}, Task::Options{.job = "job"}, *stores_,
                                   output_);
  }
  void add(std::int64_t number) {
    std::string value;
    Serde<std::int64_t>::write(number, value);
    InputRecord record{.topic = "in", .offset = offset_++, .timestamp = 100};
    record.value = value;
    record.key = "k";
    task_->add(0, record);
  }
  void commit() {
    task_->before_commit();
    task_->committed(150);
  }
  std::map<std::string, AppSnapshot::Step> steps() const {
    std::map<std::string, AppSnapshot::Step> steps;
    task_->look_at_steps(steps);
    return steps;
  }

  std::unique_ptr<Topology> topology_;
  state::MemoryFiles files_;
  std::unique_ptr<state::Environment> stores_;
  Nowhere output_;
  std::unique_ptr<Task> task_;
  std::int64_t offset_ = 0;
};

TEST_F(StepWatchTest, CountsWhatEachStepIsHandedAndPassesOn) {
  for (int number = 0; number < 10; ++number) add(number);
  commit();
  const auto now = steps();
  ASSERT_EQ(now.size(), 4U);
  EXPECT_EQ(now.at("source-in").in, 10U);
  EXPECT_EQ(now.at("source-in").out, 10U);
  EXPECT_EQ(now.at("even").in, 10U);
  EXPECT_EQ(now.at("even").out, 5U);
  EXPECT_EQ(now.at("even").kind, "filter");
  EXPECT_EQ(now.at("twice").in, 5U);
  EXPECT_EQ(now.at("twice").out, 10U);
  EXPECT_EQ(now.at("sink-3").in, 10U);
  EXPECT_THAT(now.at("sink-3").inputs, ElementsAre(10U));
}

TEST_F(StepWatchTest, WhatIsAbortedDoesNotCount) {
  for (int number = 0; number < 10; ++number) add(number);
  commit();
  for (int number = 0; number < 10; ++number) add(number);
  EXPECT_EQ(steps().at("even").in, 10U);
  task_->aborted();
  for (int number = 0; number < 2; ++number) add(number);
  commit();
  EXPECT_EQ(steps().at("even").in, 12U);
  EXPECT_EQ(steps().at("source-in").in, 12U);
}

// A record that a stage throws at must not leave the clock in a state that the next one stumbles
// over; and what was timed is about one step in kEvery.
TEST_F(StepWatchTest, TimesASampleOfTheRecords) {
  constexpr int kRecords = 20'000;
  for (int number = 0; number < kRecords; ++number) add(number);
  commit();
  const auto now = steps();
  // Each record is two steps to the clock: decoding and what comes after it.
  const double expected = 2.0 * kRecords / StepWatch::kEvery;
  EXPECT_NEAR(static_cast<double>(now.at("source-in").times.count()), expected, expected / 4);
  EXPECT_NEAR(static_cast<double>(now.at("even").times.count()), expected / 2, expected / 4);
  EXPECT_GT(now.at("source-in").busy_seconds, 0);
}

// Sees every number that leaves one stage.
class Watcher final : public RecordWatcher {
 public:
  explicit Watcher(int stage) : stage_(stage) {}
  bool wants(int stage, int output) const override { return stage == stage_ && output == 0; }
  void on_record(int, int, std::type_index type, const void* record) override {
    ASSERT_EQ(type, typeid(Record<std::string, std::int64_t>));
    seen.push_back(static_cast<const Record<std::string, std::int64_t>*>(record)->value);
  }
  std::vector<std::int64_t> seen;

 private:
  int stage_;
};

TEST_F(StepWatchTest, AWatcherSeesWhatLeavesTheStageItWants) {
  Watcher watcher(1);
  add(2);
  task_->watch(&watcher);
  for (const std::int64_t number : {4, 5, 6}) add(number);
  task_->watch(nullptr);
  add(8);
  EXPECT_THAT(watcher.seen, ElementsAre(4, 6));
}

TEST_F(StepWatchTest, TheClockLetsNoRecordThroughToAWatcherOfAnotherStage) {
  Watcher watcher(17);
  task_->watch(&watcher);
  for (int number = 0; number < 2000; ++number) add(number);
  EXPECT_THAT(watcher.seen, IsEmpty());
}

}  // namespace
}  // namespace weir::engine::step_watch_test
