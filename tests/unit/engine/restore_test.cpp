#include "engine/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sim_cluster.h"
#include "state/memory_disk.h"

namespace weir::engine {
namespace {

using ::testing::HasSubstr;

class RestoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.topics().create({.name = "job-s-changelog", .partitions = 2}).ok());
    connection_ = cluster_.connect();
    admin_ = std::move(connection_->admin().value);
    stores_ = state::open_memory(files_);
  }
  void log(const std::string& key, std::optional<std::string> value) {
    if (value) value->insert(0, 1, '\1');  // The version of its layout.
    cluster_.append({"job-s-changelog", 1}, {.key = key, .value = std::move(value)});
  }
  // Steps until done or an error; the number of steps is bounded.
  Result<Restore::Progress> run(Restore& restore) {
    for (int step = 0; step < 1000; ++step) {
      auto progress = restore.step(*connection_, *admin_, 3);
      if (!progress || *progress == Restore::Progress::done) return progress;
      cluster_.advance_to(cluster_.now() + 1);
    }
    return Error{"does not end"};
  }
  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<kafka::Admin> admin_;
  state::MemoryFiles files_;
  std::unique_ptr<state::Environment> stores_;
};

TEST_F(RestoreTest, TakesUpTheLastValueOfEachKey) {
  log("a", "1");
  log("b", "2");
  log("a", "3");
  log("b", std::nullopt);
  Restore restore("job", 1, {"s"}, *stores_);
  const auto progress = run(restore);
  ASSERT_TRUE(progress) << progress.error().text;
  EXPECT_EQ(stores_->store("s").get("a"), "3");
  EXPECT_EQ(stores_->store("s").get("b"), std::nullopt);
  EXPECT_EQ(stores_->store("s").position().offset, 4);
  EXPECT_EQ(restore.restored(), 4U);
}

TEST_F(RestoreTest, ReadsOnlyTheTailBehindThePosition) {
  log("a", "1");
  log("b", "2");
  Restore first("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(first));
  log("a", "9");
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_EQ(second.restored(), 1U);
  EXPECT_EQ(stores_->store("s").get("a"), "9");
  EXPECT_EQ(stores_->store("s").get("b"), "2");
}

TEST_F(RestoreTest, RefusesRowsOfAnotherVersion) {
  cluster_.append({"job-s-changelog", 1}, {.key = "a",
                                           .value = "\x02"
                                                    "1"});
  Restore restore("job", 1, {"s"}, *stores_);
  const auto progress = run(restore);
  ASSERT_FALSE(progress);
  EXPECT_THAT(progress.error().text, HasSubstr("'job-s-changelog', partition 1, offset 0"));
  EXPECT_THAT(progress.error().hint, HasSubstr("another version"));
}

// The offsets of a commit may be known before its records can be read: whoever takes over must not
// stop before them.
TEST_F(RestoreTest, WaitsForATransactionThatHasNotEnded) {
  log("a", "1");
  auto predecessor = std::move(connection_->producer({.transactional_id = "t"}).value);
  ASSERT_TRUE(predecessor->init(Duration{0}).ok());
  const auto topic = predecessor->open("job-s-changelog", Duration{0});
  ASSERT_TRUE(predecessor->begin().ok());
  ASSERT_TRUE(predecessor
                  ->produce({.topic = topic.value,
                             .partition = 1,
                             .key = "a",
                             .value = "\x01"
                                      "2"})
                  .ok());
  predecessor->poll();
  static_cast<void>(predecessor->flush(Duration{0}));
  Restore restore("job", 1, {"s"}, *stores_);
  for (int step = 0; step < 50; ++step) {
    const auto progress = restore.step(*connection_, *admin_, 3);
    ASSERT_TRUE(progress);
    ASSERT_EQ(*progress, Restore::Progress::working);
    cluster_.advance_to(cluster_.now() + 1);
  }
  ASSERT_TRUE(predecessor->commit(Duration{0}).ok());
  ASSERT_TRUE(run(restore));
  EXPECT_EQ(stores_->store("s").get("a"), "2");
}

TEST_F(RestoreTest, WithNothingToDoIsDone) {
  Restore restore("job", 0, {"s"}, *stores_);
  ASSERT_TRUE(run(restore));
  EXPECT_EQ(restore.restored(), 0U);
}

TEST_F(RestoreTest, AChangelogThatWasMadeAnewIsAnErrorNotEmptiness) {
  log("a", "1");
  log("a", "2");
  Restore first("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(first));
  ASSERT_TRUE(cluster_.topics().remove("job-s-changelog").ok());
  ASSERT_TRUE(cluster_.topics().create({.name = "job-s-changelog", .partitions = 2}).ok());
  Restore second("job", 1, {"s"}, *stores_);
  const auto progress = run(second);
  ASSERT_FALSE(progress);
  EXPECT_THAT(progress.error().text,
              HasSubstr("ends at offset 0, but the state has seen offset 2"));
  EXPECT_EQ(stores_->store("s").get("a"), "2");
}

}  // namespace
}  // namespace weir::engine
