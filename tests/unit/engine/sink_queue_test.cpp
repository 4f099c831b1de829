#include "engine/sink_queue.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A sink that does what the test says and notes what it hears.
struct Script {
  std::vector<SinkAnswer> answers;  // To the next calls; then `done`.
  std::vector<std::string> heard;
  SinkPace pace;
  std::mutex mutex;
  std::condition_variable gate;
  bool shut = false;  // Calls do not come back.

  SinkAnswer next(std::string line) {
    std::unique_lock lock(mutex);
    heard.push_back(std::move(line));
    gate.wait(lock, [this] { return !shut; });
    if (answers.empty()) return {};
    SinkAnswer answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  }
  void open_gate() {
    const std::lock_guard lock(mutex);
    shut = false;
    gate.notify_all();
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex);
    return heard;
  }
};

class ScriptedSink final : public Sink {
 public:
  ScriptedSink(Script& script, std::string name = "") : script_(script), name_(std::move(name)) {}
  SinkPace pace() const override { return script_.pace; }
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    std::string line = name_ + "write";
    for (const SinkRecord& record : batch) {
      line += " " + std::string(record.key.value_or("-")) + "=" +
              std::string(record.value.value_or("null")) + "@" + std::to_string(record.timestamp);
    }
    return script_.next(line);
  }
  SinkAnswer flush() override { return script_.next(name_ + "flush"); }
  SinkAnswer probe() override { return script_.next(name_ + "probe"); }
  SinkAnswer resume(const SinkSource& source, const SinkStart& start) override {
    return script_.next("resume " + std::to_string(source.partition) + " " +
                        std::to_string(start.number));
  }
  SinkAnswer settle() override { return script_.next("settle"); }
  void release(const SinkSource& source) override {
    (void)script_.next("release " + std::to_string(source.partition));
  }
  void close() override { (void)script_.next(name_ + "close"); }

 private:
  Script& script_;
  const std::string name_;
};

class SinkQueueTest : public ::testing::Test {
 protected:
  SinkQueueTest() { make(0); }

  void make(int in_flight) {
    queue_.reset();
    script_.heard.clear();
    script_.pace.in_flight = in_flight;
    std::vector<std::unique_ptr<Sink>> sinks;
    for (int i = 0; i < std::max(1, in_flight); ++i) {
      const std::string name = in_flight > 1 ? std::to_string(i) + " " : "";
      sinks.push_back(std::make_unique<ScriptedSink>(script_, name));
    }
    queue_ = std::make_unique<SinkQueue>(
        "shop", std::move(sinks), bell_, [this](const SinkRecord& record, std::string_view why) {
          refused_.push_back(std::string(record.value.value_or("null")) + ": " + std::string(why));
        });
  }
  void add(std::optional<std::string_view> key, std::optional<std::string_view> value,
           Timestamp time = 1, int partition = 0) {
    OutputRecord record;
    record.key = key;
    record.value = value;
    record.timestamp = time;
    queue_->add(record, {0, partition, 0}, 1);
  }
  // The same call until no other call is under way.
  template <class Call>
  SinkQueue::Progress until_answered(Call call) {
    for (;;) {
      const SinkQueue::Progress progress = call();
      if (progress != SinkQueue::Progress::busy) return progress;
      std::unique_lock lock(bell_.mutex);
      bell_.rung.wait_for(lock, Duration{50}, [this] { return queue_->has_answer(); });
    }
  }
  SinkQueue::Progress flush() {
    return until_answered([this] { return queue_->flush(); });
  }
  SinkQueue::Progress probe() {
    return until_answered([this] { return queue_->probe(true); });
  }

  Script script_;
  SinkBell bell_;
  std::vector<std::string> refused_;
  std::unique_ptr<SinkQueue> queue_;
};

using Progress = SinkQueue::Progress;

TEST_F(SinkQueueTest, WritesInOrderAndThenFlushes) {
  add("a", "1", 10);
  add(std::nullopt, std::nullopt, 20);
  add("", "", 30);
  EXPECT_EQ(queue_->flush(), Progress::done);
  queue_.reset();
  EXPECT_THAT(script_.heard, ElementsAre("write a=1@10 -=null@20 =@30", "flush", "close"));
}

TEST_F(SinkQueueTest, DoesNotFlushWhatWasNotWritten) {
  EXPECT_EQ(queue_->flush(), Progress::done);
  EXPECT_THAT(script_.heard, IsEmpty());
}

TEST_F(SinkQueueTest, WritesTheWholeBatchAgain) {
  script_.answers = {{SinkAnswer::What::again, "no answer"}};
  add("a", "1");
  EXPECT_EQ(queue_->flush(), Progress::again);
  EXPECT_THAT(queue_->why(), HasSubstr("'shop': no answer"));
  add("b", "2");
  EXPECT_EQ(queue_->flush(), Progress::done);
  EXPECT_THAT(script_.heard, ElementsAre("write a=1@1", "write a=1@1", "write b=2@1", "flush"));
  EXPECT_EQ(queue_->retries(), 1U);
}

TEST_F(SinkQueueTest, FlushesAgainWithoutWritingAgain) {
  script_.answers = {{}, {SinkAnswer::What::again, "slow"}};
  add("a", "1");
  EXPECT_EQ(queue_->flush(), Progress::again);
  EXPECT_EQ(queue_->flush(), Progress::done);
  EXPECT_THAT(script_.heard, ElementsAre("write a=1@1", "flush", "flush"));
}

TEST_F(SinkQueueTest, TellsWhatTheSinkRefuses) {
  script_.answers = {{SinkAnswer::What::done, "", {{1, "too odd"}}}};
  add("a", "1");
  add("b", "2");
  EXPECT_EQ(queue_->flush(), Progress::done);
  EXPECT_THAT(refused_, ElementsAre("2: too odd"));
}

TEST_F(SinkQueueTest, ForgetsWhatIsAborted) {
  add("a", "1");
  queue_->abort();
  add("b", "2");
  EXPECT_EQ(queue_->flush(), Progress::done);
  EXPECT_THAT(script_.heard, ElementsAre("write b=2@1", "flush"));
}

TEST_F(SinkQueueTest, SaysWhenNoRetryMendsIt) {
  script_.answers = {{SinkAnswer::What::never, "no rights"}};
  add("a", "1");
  EXPECT_EQ(queue_->flush(), Progress::never);
  EXPECT_EQ(queue_->retries(), 0U);
}

TEST_F(SinkQueueTest, IsFullByRecordsOrByBytes) {
  const SinkSource source{};
  for (int i = 0; i < 999; ++i) add("k", "v");
  EXPECT_FALSE(queue_->full(source));
  EXPECT_EQ(queue_->write(0), Progress::done);
  EXPECT_THAT(script_.heard, IsEmpty()) << "no batch is due";
  add("k", "v");
  EXPECT_TRUE(queue_->full(source));
  EXPECT_EQ(queue_->write(0), Progress::done);
  EXPECT_EQ(script_.heard.size(), 1U);
  EXPECT_FALSE(queue_->full(source));
  EXPECT_FALSE(queue_->empty());  // It is not flushed.
  add("k", std::string(4 << 20, 'x'));
  EXPECT_TRUE(queue_->full(source));
}

TEST_F(SinkQueueTest, WritesABatchThatIsOldEnough) {
  script_.pace = {.batch_records = 10, .batch_every = Duration{200}};
  make(0);
  add("a", "1");
  EXPECT_EQ(queue_->write(5000), Progress::done);
  EXPECT_EQ(queue_->write(5199), Progress::done);
  EXPECT_THAT(script_.heard, IsEmpty());
  EXPECT_EQ(queue_->write(5200), Progress::done);
  EXPECT_THAT(script_.heard, ElementsAre("write a=1@1"));
  add("b", "2");
  EXPECT_EQ(queue_->write(5300), Progress::done);
  EXPECT_EQ(queue_->write(5499), Progress::done);
  EXPECT_EQ(script_.heard.size(), 1U) << "its own time counts";
}

TEST_F(SinkQueueTest, TellsASinkThatCutsOffWhereToGoOn) {
  EXPECT_EQ(queue_->resume({0, 3, 0}, {.number = 17}), Progress::done);
  EXPECT_EQ(queue_->settle(), Progress::done);
  queue_->release({0, 3, 0});
  EXPECT_THAT(script_.heard, ElementsAre("resume 3 17", "settle", "release 3"));
}

// ---- With threads of its own -------------------------------------------------------------------

TEST_F(SinkQueueTest, IsAwayUntilEachOfItsConnectionsHasAnswered) {
  make(2);
  EXPECT_TRUE(queue_->is_away());
  script_.answers = {{SinkAnswer::What::again, "no server"}};
  EXPECT_EQ(probe(), Progress::again);
  EXPECT_TRUE(queue_->is_away());
  EXPECT_TRUE(queue_->is_failing());
  EXPECT_EQ(probe(), Progress::done);
  EXPECT_FALSE(queue_->is_away());
  EXPECT_FALSE(queue_->is_failing());
}

TEST_F(SinkQueueTest, HasSeveralBatchesInFlightAndThoseOfAPartitionInOrder) {
  make(2);
  ASSERT_EQ(probe(), Progress::done);
  script_.heard.clear();
  script_.shut = true;
  add("a", "1", 1, 0);
  add("b", "1", 1, 1);
  EXPECT_EQ(queue_->flush(), Progress::busy);
  for (int i = 0; i < 200 && script_.lines().size() < 2; ++i) {
    std::this_thread::sleep_for(Duration{5});
  }
  EXPECT_THAT(script_.lines(), testing::UnorderedElementsAre("0 write a=1@1", "1 write b=1@1"));
  add("a", "2", 1, 0);
  EXPECT_EQ(queue_->flush(), Progress::busy) << "the first batch of this partition is under way";
  EXPECT_EQ(script_.lines().size(), 2U);
  script_.open_gate();
  EXPECT_EQ(flush(), Progress::done);
  EXPECT_TRUE(queue_->empty());
  const std::vector<std::string> lines = script_.lines();
  const auto place = [&](const std::string& line) { return std::ranges::find(lines, line); };
  EXPECT_LT(place("0 write a=1@1"), place("0 write a=2@1"));
  EXPECT_LT(place("0 write a=2@1"), lines.end());
}

TEST_F(SinkQueueTest, ForgetsWhatAnAbortedCallSays) {
  make(1);
  ASSERT_EQ(probe(), Progress::done);
  script_.heard.clear();
  script_.answers = {{SinkAnswer::What::done, "", {{0, "too odd"}}}};
  script_.shut = true;
  add("a", "1");
  EXPECT_EQ(queue_->flush(), Progress::busy);
  queue_->abort();
  add("b", "2");
  script_.open_gate();
  EXPECT_EQ(flush(), Progress::done);
  EXPECT_THAT(refused_, IsEmpty());
  EXPECT_THAT(script_.lines(), ElementsAre("write a=1@1", "write b=2@1", "flush"));
}

}  // namespace
}  // namespace weir::engine
