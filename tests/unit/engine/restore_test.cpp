#include "engine/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sim_cluster.h"
#include "state/memory_disk.h"

namespace weir::engine {
namespace {

using ::testing::ElementsAre;
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
      auto progress = restore.step(*connection_, *admin_, 3, now_);
      if (!progress || *progress == Restore::Progress::done) return progress;
      cluster_.advance_to(cluster_.now() + 1);
    }
    return Error{"does not end"};
  }
  // The state as a restart finds it: what was flushed.
  void restart() { stores_ = state::open_memory(files_, options_); }
  sim::SimCluster cluster_{1};
  Timestamp now_ = 1'000'000;
  state::Environment::Options options_;
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
    const auto progress = restore.step(*connection_, *admin_, 3, now_);
    ASSERT_TRUE(progress);
    ASSERT_EQ(*progress, Restore::Progress::working);
    cluster_.advance_to(cluster_.now() + 1);
  }
  ASSERT_TRUE(predecessor->commit(Duration{0}).ok());
  ASSERT_TRUE(run(restore));
  EXPECT_EQ(stores_->store("s").get("a"), "2");
}

// Brokers may not have heard yet of a topic that was made a moment ago.
TEST_F(RestoreTest, WaitsForAChangelogThatIsNotKnownYet) {
  Restore restore("job", 1, {"new"}, *stores_);
  for (; now_ < 1'029'999; now_ += 10'000) {
    const auto progress = restore.step(*connection_, *admin_, 3, now_);
    ASSERT_TRUE(progress) << progress.error().text;
    ASSERT_EQ(*progress, Restore::Progress::working);
  }
  ASSERT_TRUE(cluster_.topics().create({.name = "job-new-changelog", .partitions = 2}).ok());
  ASSERT_TRUE(run(restore));
}

TEST_F(RestoreTest, AChangelogThatStaysUnknownIsAnError) {
  Restore restore("job", 1, {"new"}, *stores_);
  ASSERT_TRUE(restore.step(*connection_, *admin_, 3, now_));
  now_ += 30'000;
  const auto progress = restore.step(*connection_, *admin_, 3, now_);
  ASSERT_FALSE(progress);
  EXPECT_THAT(progress.error().text, HasSubstr("'job-new-changelog' is not known"));
}

TEST_F(RestoreTest, WithNothingToDoIsDone) {
  Restore restore("job", 0, {"s"}, *stores_);
  ASSERT_TRUE(run(restore));
  EXPECT_EQ(restore.restored(), 0U);
}

// Who has kept nothing yet may still be changed into another job.
TEST_F(RestoreTest, OfNothingLeavesNothing) {
  Restore restore("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(restore));
  stores_->flush();
  EXPECT_EQ(stores_->flushes(), 0U);
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

// However large a changelog is, what of it is in memory is not; and who is killed meanwhile goes on
// where the disk is.
TEST_F(RestoreTest, GoesToTheDiskInBatches) {
  options_.restore_bytes_max = 4000;
  restart();
  for (int i = 0; i < 300; ++i) log("key" + std::to_string(i), std::string(50, 'v'));
  Restore first("job", 1, {"s"}, *stores_);
  while (first.restored() < 200) {
    ASSERT_TRUE(first.step(*connection_, *admin_, 3, now_));
    ASSERT_LT(stores_->overlay_bytes(), 10'000U);
  }
  EXPECT_GT(stores_->flushes(), 3U);
  restart();
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_LT(second.restored(), 150U);
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(stores_->store("s").get("key" + std::to_string(i))) << i;
  }
}

// The record that erased `gone` is not in the topic any more: only a full restore finds that out.
class OldDisk : public RestoreTest {
 protected:
  static constexpr std::int64_t kDay = 86'400'000;
  void SetUp() override {
    RestoreTest::SetUp();
    log("gone", "1");
    log("kept", "2");
    Restore first("job", 1, {"s"}, *stores_);
    ASSERT_TRUE(run(first));
    stores_->flush();
  }
  void erase_and_forget() {
    log("gone", std::nullopt);
    log("new", "3");
    cluster_.compact("job-s-changelog");
    cluster_.advance_to(cluster_.now() + 2 * kDay);
    cluster_.compact("job-s-changelog");
  }
  std::vector<std::string> keys() {
    std::vector<std::string> found;
    stores_->store("s").scan({}, {}, [&](Bytes key, Bytes) {
      found.emplace_back(key);
      return true;
    });
    return found;
  }
};

TEST_F(OldDisk, IsRestoredAnewWhenItsChangelogHasForgottenWhatWasErased) {
  erase_and_forget();
  now_ += 2 * kDay;
  restart();
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_THAT(keys(), ElementsAre("kept", "new"));
  EXPECT_THAT(second.anew(), HasSubstr("'job-s-changelog'"));
}

TEST_F(OldDisk, IsGoodWhenNothingHasChangedSince) {
  now_ += 2 * kDay;
  restart();
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_THAT(keys(), ElementsAre("gone", "kept"));
  EXPECT_EQ(second.restored(), 0U);
  EXPECT_EQ(second.anew(), "");
}

TEST_F(OldDisk, IsGoodAsLongAsErasuresAreRemembered) {
  log("gone", std::nullopt);
  cluster_.compact("job-s-changelog");
  now_ += kDay / 2;
  restart();
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_THAT(keys(), ElementsAre("kept"));
  EXPECT_EQ(second.restored(), 1U);
}

// How long that is, the topic says.
TEST_F(OldDisk, AsksTheTopicHowLongThatIs) {
  log("new", "3");
  cluster_.topics().find("job-s-changelog")->configs["delete.retention.ms"] = "3600000";
  now_ += kDay / 2;
  restart();
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  EXPECT_THAT(second.anew(), HasSubstr("'job-s-changelog'"));
  EXPECT_EQ(second.restored(), 3U);
}

TEST_F(OldDisk, GrowsYoungByARestore) {
  log("new", "3");
  now_ += kDay / 2;
  Restore second("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(second));
  log("newer", "4");
  now_ += kDay / 2;
  Restore third("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(run(third));
  EXPECT_EQ(third.anew(), "");
  EXPECT_EQ(third.restored(), 1U);
}

TEST_F(RestoreTest, AChangelogThatIsDeletedMeanwhileIsAnError) {
  for (int i = 0; i < 10; ++i) log("key" + std::to_string(i), "v");
  Restore restore("job", 1, {"s"}, *stores_);
  ASSERT_TRUE(restore.step(*connection_, *admin_, 3, now_));
  ASSERT_TRUE(cluster_.topics().remove("job-s-changelog").ok());
  const auto progress = run(restore);
  ASSERT_FALSE(progress);
  EXPECT_THAT(progress.error().text, HasSubstr("'job-s-changelog'"));
}

}  // namespace
}  // namespace weir::engine
