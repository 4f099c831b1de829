// A job with much state: killed under exactly_once it reads the tail of its changelog and no more;
// without its disk it reads all of it. WEIR_KEYS: how many keys it has.
#include <filesystem>

#include <gtest/gtest.h>

#include "broker/job_world.h"
#include "broker/process.h"
#include "jobs/keyed.h"
#include <weir/app.h>

namespace weir::tests {
namespace {

class LargeState : public JobWorld {
 protected:
  void SetUp() override {
    JobWorld::SetUp();
    if (IsSkipped()) return;
    state_ = std::filesystem::path(testing::TempDir()) / world()->unique("large-state");
    const std::vector<kafka::TopicSpec> specs = {{.name = "keys", .partitions = kLoadPartitions}};
    auto created = again([&] { return admin().create_topics(specs); });
    ASSERT_TRUE(created.ok() && created.value.at(0).ok());
    writer_ = make_producer();
  }
  void TearDown() override {
    std::filesystem::remove_all(state_);
    JobWorld::TearDown();
  }

  static std::string key_of(int number) { return "key-" + std::to_string(number); }

  // Each of these keys once more.
  void write_keys(int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string key = key_of(i);
      const Outcome written = again([&] {
        return writer_->produce({.topic = open(*writer_, "keys"),
                                 .partition = i % kLoadPartitions,
                                 .key = key,
                                 .value = "1",
                                 .timestamp = 1'752'000'000'000});
      });
      ASSERT_TRUE(written.ok()) << written.text;
      writer_->poll();
      ++written_;
    }
    const Outcome flushed = again([&] { return writer_->flush(kWait); });
    ASSERT_TRUE(flushed.ok()) << flushed.text;
  }
  std::int64_t committed() {
    const auto all = again([&] { return admin().committed("key-counts"); });
    std::int64_t records = 0;
    for (const kafka::Position& position : all.value) {
      if (position.partition.topic == "keys") records += position.offset;
    }
    return records;
  }
  bool wait_until_committed(std::int64_t records) {
    return world()->until([&] { return committed() >= records; }, Duration{120'000});
  }

  std::unique_ptr<Process> run_process() {
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    return std::make_unique<Process>(
        std::vector<std::string>{here / "kafka_job", "key-counts", state_, "quiet=1"});
  }
  // Runs the job here to the end of its input.
  AppSnapshot run_to_end() {
    AppConfig config;
    config.id = "key-counts";
    config.brokers = std::getenv("WEIR_TEST_BROKERS");
    config.state_dir = state_;
    config.session_timeout = Duration{2'000};
    config.until_end = true;
    App app(config, *jobs::key_counts());
    const AppStatus ended = app.run();
    EXPECT_TRUE(ended) << ended.error().to_string();
    return app.snapshot();
  }
  // Every key has come once, the first `more` of them `count` times.
  void expect_counts(int keys, int more, std::int64_t count) {
    std::map<std::string, std::int64_t> counts;
    for (const Seen& seen : results("key-counts")) {
      std::int64_t& known = counts[*seen.key];
      const std::int64_t told = std::stoll(*seen.value);
      EXPECT_EQ(told, known + 1) << *seen.key;  // None is lost, none is told twice.
      known = told;
    }
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(keys));
    int wrong = 0;
    for (int i = 0; i < keys; ++i) wrong += counts[key_of(i)] != (i < more ? count : 1) ? 1 : 0;
    EXPECT_EQ(wrong, 0);
  }

  std::filesystem::path state_;
  std::unique_ptr<kafka::Producer> writer_;
  std::int64_t written_ = 0;
};

TEST_F(LargeState, AKillCostsTheTailOfTheChangelogAndALostDiskAllOfIt) {
  const int keys = setting("WEIR_KEYS", 50'000);
  const int more = keys / 10;
  write_keys(0, keys);
  {
    auto process = run_process();
    ASSERT_TRUE(wait_until_committed(written_));
    world()->pass(Duration{3'000});  // The disk follows within a second, one task after another.
    write_keys(0, more);
    ASSERT_TRUE(wait_until_committed(written_ - more / 2));
  }  // Killed, in the middle of it.
  const AppSnapshot after_kill = run_to_end();
  EXPECT_LE(after_kill.restored, static_cast<std::uint64_t>(more));
  expect_counts(keys, more, 2);
  // A clean end leaves nothing to be restored; only the disk is missing now.
  std::filesystem::remove_all(state_);
  write_keys(0, more);
  const AppSnapshot after_loss = run_to_end();
  EXPECT_GE(after_loss.restored, static_cast<std::uint64_t>(keys));
  EXPECT_EQ(after_loss.total_in().records, static_cast<std::uint64_t>(more));
  expect_counts(keys, more, 3);
}

}  // namespace
}  // namespace weir::tests
