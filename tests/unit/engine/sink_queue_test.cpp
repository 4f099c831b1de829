#include "engine/sink_queue.h"

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
  SinkAnswer next() {
    if (answers.empty()) return {};
    SinkAnswer answer = answers.front();
    answers.erase(answers.begin());
    return answer;
  }
};

class ScriptedSink final : public Sink {
 public:
  explicit ScriptedSink(Script& script) : script_(script) {}
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    std::string line = "write";
    for (const SinkRecord& record : batch) {
      line += " " + std::string(record.key.value_or("-")) + "=" +
              std::string(record.value.value_or("null")) + "@" + std::to_string(record.timestamp);
    }
    script_.heard.push_back(line);
    return script_.next();
  }
  SinkAnswer flush() override {
    script_.heard.emplace_back("flush");
    return script_.next();
  }
  void close() override { script_.heard.emplace_back("close"); }

 private:
  Script& script_;
};

class SinkQueueTest : public ::testing::Test {
 protected:
  void add(std::optional<std::string_view> key, std::optional<std::string_view> value,
           Timestamp time = 1) {
    OutputRecord record;
    record.key = key;
    record.value = value;
    record.timestamp = time;
    queue_->add(record);
  }
  Script script_;
  std::vector<std::string> refused_;
  std::unique_ptr<SinkQueue> queue_ = std::make_unique<SinkQueue>(
      "shop", std::make_unique<ScriptedSink>(script_),
      [this](const SinkRecord& record, std::string_view why) {
        refused_.push_back(std::string(record.value.value_or("null")) + ": " + std::string(why));
      });
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
  EXPECT_THAT(script_.heard, ElementsAre("write a=1@1", "write a=1@1 b=2@1", "flush"));
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
  for (int i = 0; i < 999; ++i) add("k", "v");
  EXPECT_FALSE(queue_->full());
  add("k", "v");
  EXPECT_TRUE(queue_->full());
  EXPECT_EQ(queue_->write(), Progress::done);
  EXPECT_FALSE(queue_->full());
  EXPECT_FALSE(queue_->empty());  // It is not flushed.
  add("k", std::string(1 << 20, 'x'));
  EXPECT_TRUE(queue_->full());
}

}  // namespace
}  // namespace weir::engine
