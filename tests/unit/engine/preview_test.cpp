#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/job_directory.h"
#include "sim/sim_cluster.h"
#include <weir/preview.h>
#include <weir/weir.h>

namespace weir {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Use = Preview::Use;
using What = Preview::Store::What;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};

// "counts" by key and window, behind a repartition topic; with `more`, a second store beside it.
Topology counting(Duration size = 1s, bool more = false) {
  Builder builder(ErrorPolicy{.dead_letters = "dead"});
  const auto grouped =
      builder.stream(kIn).group_by([](const std::int64_t& n) { return std::to_string(n); });
  const auto unwindowed = [](const Windowed<std::string>& key, const std::int64_t&) {
    return key.key;
  };
  grouped.windowed({.size = size}).count("counts").rekey(unwindowed).to(kOut);
  if (more) grouped.windowed({.size = 1s}).count("others").rekey(unwindowed).to(kOut);
  return *builder.build();
}

const Preview::Topic& topic(const Preview& preview, const std::string& name) {
  static const Preview::Topic none;
  const auto found = std::ranges::find(preview.topics, name, &Preview::Topic::name);
  return found == preview.topics.end() ? none : *found;
}
What store(const Preview& preview, const std::string& name) {
  const auto found = std::ranges::find(preview.stores, name, &Preview::Store::name);
  return found == preview.stores.end() ? What::unknown : found->what;
}

class PreviewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    config_.state_dir = std::filesystem::path(::testing::TempDir()) / "preview" / test->name();
    std::filesystem::remove_all(config_.state_dir);
    config_.id = "job";
    config_.guarantee = Guarantee::at_least_once;
    config_.start_wait = Duration{200};
  }
  void TearDown() override { std::filesystem::remove_all(config_.state_dir); }
  AppConfig config_;
};

// On a cluster with settings and groups, where nothing has run.
class NewJob : public PreviewTest {
 protected:
  void create(const std::string& name, int partitions, kafka::Configs configs = {}) {
    ASSERT_TRUE(cluster_.topics()
                    .create({.name = name, .partitions = partitions, .configs = std::move(configs)})
                    .ok());
  }
  Preview look(const Topology& topology = counting()) {
    const auto connection = cluster_.connect();
    Preview preview;
    const AppStatus looked = look_ahead(config_, topology, *connection, preview);
    EXPECT_TRUE(looked) << looked.error().text;
    return preview;
  }
  std::vector<std::string> topics() { return cluster_.connect()->admin().value->topics().value; }
  sim::SimCluster cluster_{1};
};

TEST_F(NewJob, WouldMakeItsTopicsAndMakesNone) {
  create("in", 3);
  const Preview preview = look();
  EXPECT_TRUE(preview.refusal);
  EXPECT_FALSE(preview.ran_before);
  EXPECT_EQ(topic(preview, "in").found, 3);
  const Preview::Topic& changelog = topic(preview, "job-counts-changelog");
  EXPECT_EQ(changelog.use, Use::changelog);
  EXPECT_EQ(changelog.found, 0);
  EXPECT_EQ(changelog.wanted, 3);
  EXPECT_EQ(changelog.settings.at("cleanup.policy"), "compact");
  EXPECT_EQ(topic(preview, "job-counts-repartition").settings.at("retention.ms"), "-1");
  EXPECT_EQ(topic(preview, "out").wanted, 3);
  EXPECT_EQ(topic(preview, "dead").use, Use::dead_letters);
  EXPECT_EQ(store(preview, "counts"), What::fresh);
  EXPECT_EQ(preview.inputs.size(), 3U);
  EXPECT_EQ(preview.inputs[0].committed, -1);
  EXPECT_THAT(topics(), ElementsAre("in"));
  EXPECT_FALSE(std::filesystem::exists(config_.state_dir));
}

TEST_F(NewJob, TellsWhatStartWouldRefuse) {
  const Preview missing = look();
  EXPECT_EQ(missing.refusal.fault(), AppFault::mismatch);
  EXPECT_THAT(missing.refusal.error().text, HasSubstr("'in' does not exist"));
  EXPECT_EQ(topic(missing, "in").found, 0);
  create("in", 2);
  create("job-counts-changelog", 5);
  EXPECT_THAT(look().refusal.error().text, HasSubstr("has 5 partitions, but the job needs 2"));
}

TEST_F(NewJob, TellsWhatIsNotAsItWouldMakeIt) {
  create("in", 1);
  create("job-counts-repartition", 1, {{"retention.ms", "60000"}, {"cleanup.policy", "delete"}});
  const Preview preview = look();
  const auto& differences = topic(preview, "job-counts-repartition").differences;
  const auto found =
      std::ranges::find(differences, "retention.ms", &Preview::Topic::Difference::setting);
  ASSERT_NE(found, differences.end());
  EXPECT_EQ(found->found, "60000");
  EXPECT_EQ(found->wanted, "-1");
  EXPECT_THAT(topic(preview, "in").differences, IsEmpty());
}

TEST_F(NewJob, TellsOfInternalTopicsThatItHasNoUseFor) {
  for (const char* name : {"in", "job-old-changelog", "job-counts-changelog", "job-b-x-changelog",
                           "jobs-old-changelog", "job-changelog", "job-old.2-repartition"}) {
    create(name, 1);
  }
  EXPECT_THAT(look().unused_topics, ElementsAre("job-old-changelog", "job-old.2-repartition"));
}

TEST_F(NewJob, BrokersThatDoNotAnswerAreAnError) {
  cluster_.set_down(true);
  Preview preview;
  const AppStatus looked = look_ahead(config_, counting(), *cluster_.connect(), preview);
  EXPECT_EQ(looked.fault(), AppFault::unreachable);
}

// What a run has left behind: topics, committed offsets, and a task's state on the disk.
class JobThatRan : public NewJob {
 protected:
  void SetUp() override {
    NewJob::SetUp();
    create("in", 1);
    for (const Preview::Topic& made : look().topics) {
      if (made.found > 0) continue;
      kafka::Configs configs(made.settings.begin(), made.settings.end());
      create(made.name, made.wanted, std::move(configs));
    }
    for (int i = 0; i < 12; ++i) cluster_.append({"in", 0}, {.key = "k", .timestamp = 9});
    cluster_.append({"job-counts-changelog", 0}, {.key = "k", .value = "v", .timestamp = 9});
    cluster_.group("job").commit({{"in", 0}, 10, ""});
    keep_as(counting().fingerprint(1));
  }
  // The task's state, as a topology of that fingerprint leaves it.
  void keep_as(const std::string& fingerprint) {
    std::filesystem::remove_all(config_.state_dir);
    const auto directory = std::move(*engine::JobDirectory::claim(config_.state_dir, "job"));
    auto stores = directory->open({1, 0}, fingerprint, {});
    ASSERT_TRUE(stores) << stores.error().text;
    (*stores)->store("counts").put("k", "v");
    (*stores)->commit({});
    (*stores)->close();
  }
  // Why a worker of a job of this topology could not have the task's stores.
  std::string refusal_of_a_start(const Topology& topology) {
    const auto directory = std::move(*engine::JobDirectory::claim(config_.state_dir, "job"));
    const auto stores = directory->open({1, 0}, topology.fingerprint(1), {});
    return stores ? "" : stores.error().text;
  }
  std::filesystem::path task() const { return config_.state_dir / "job" / "1_0"; }
};

TEST_F(JobThatRan, GoesOnWhereItWas) {
  const Preview preview = look();
  EXPECT_TRUE(preview.refusal) << preview.refusal.error().text;
  EXPECT_TRUE(preview.ran_before);
  ASSERT_EQ(preview.inputs.size(), 1U);
  EXPECT_EQ(preview.inputs[0].committed, 10);
  EXPECT_EQ(preview.inputs[0].start, 10);
  EXPECT_EQ(preview.inputs[0].end, 12);
  EXPECT_EQ(store(preview, "counts"), What::kept);
  for (const Preview::Topic& one : preview.topics) EXPECT_GT(one.found, 0) << one.name;
}

// What it says is what a start says.
TEST_F(JobThatRan, AnotherShapeOfItsStateIsRefused) {
  const Preview preview = look(counting(2s));
  EXPECT_EQ(store(preview, "counts"), What::unfit);
  EXPECT_EQ(preview.refusal.fault(), AppFault::mismatch);
  const std::string words =
      "was written by another version of this job: it does not fit what the "
      "job keeps now in 'counts'";
  EXPECT_THAT(refusal_of_a_start(counting(2s)), HasSubstr(words));
  EXPECT_THAT(preview.refusal.error().text, HasSubstr(words));
  EXPECT_EQ(refusal_of_a_start(counting()), "");
}

// A task that has begun and has not written yet.
TEST_F(JobThatRan, AStateWithoutAWordInItIsNoOtherVersions) {
  std::filesystem::remove_all(config_.state_dir);
  const auto directory = std::move(*engine::JobDirectory::claim(config_.state_dir, "job"));
  const auto stores = directory->open({0, 0}, counting().fingerprint(0), {});
  EXPECT_TRUE(look().refusal);
}

// A new branch of the job: a part of it that has run would write a topic that is not there.
TEST_F(JobThatRan, ANewRepartitionOfAPartThatRanIsRefused) {
  EXPECT_THAT(look(counting(1s, true)).refusal.error().text,
              HasSubstr("there is no topic 'job-others-repartition'"));
}

TEST_F(JobThatRan, AStoreMoreOrLessInATaskIsRefused) {
  keep_as("gone:window:x;" + counting().fingerprint(1));
  const Preview less = look();
  EXPECT_EQ(store(less, "counts"), What::kept);
  EXPECT_EQ(store(less, "gone"), What::gone);
  EXPECT_THAT(less.refusal.error().text, HasSubstr("keeps now in 'gone'"));
  EXPECT_THAT(refusal_of_a_start(counting()), HasSubstr("keeps now in 'gone'"));
  keep_as("gone:window:x;");
  EXPECT_EQ(store(look(), "counts"), What::unfit);
  EXPECT_THAT(refusal_of_a_start(counting()), HasSubstr("'counts', 'gone'"));
}

TEST_F(JobThatRan, AStateThatIsElsewhereIsRestored) {
  std::filesystem::remove_all(config_.state_dir);
  const Preview preview = look();
  EXPECT_TRUE(preview.refusal);
  const auto counts = std::ranges::find(preview.stores, "counts", &Preview::Store::name);
  ASSERT_NE(counts, preview.stores.end());
  EXPECT_EQ(counts->what, What::restored);
  EXPECT_EQ(counts->changelog_records, 1);
  EXPECT_EQ(counts->tasks_here, 0);
}

TEST_F(JobThatRan, DamageIsRestoredAndOtherPeoplesFilesAreNotKnown) {
  std::filesystem::resize_file(task() / "data.mdb", 100);
  EXPECT_EQ(store(look(), "counts"), What::restored);
  std::filesystem::remove(task() / "owner");
  EXPECT_EQ(store(look(), "counts"), What::unknown);
}

TEST_F(JobThatRan, ATopicOfItsStateThatWasDeletedIsRefused) {
  ASSERT_TRUE(cluster_.topics().remove("job-counts-changelog").ok());
  cluster_.group("job").commit({{"job-counts-repartition", 0}, 1, ""});
  EXPECT_THAT(look().refusal.error().text, HasSubstr("no topic 'job-counts-changelog'"));
}

}  // namespace
}  // namespace weir
