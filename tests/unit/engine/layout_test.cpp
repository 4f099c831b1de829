#include "engine/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sim_cluster.h"
#include <weir/weir.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOther{"other"};
const Topic<std::string, std::int64_t> kOut{"out"};

Topology counts_by_value() {
  Builder builder(ErrorPolicy{.dead_letters = "dead"});
  builder.stream(kIn)
      .group_by([](const std::int64_t& n) { return std::to_string(n); })
      .windowed({.size = 1s})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  return *builder.build();
}

class LayoutTest : public ::testing::Test {
 protected:
  void create(const std::string& topic, int partitions) {
    ASSERT_TRUE(cluster_.topics().create({.name = topic, .partitions = partitions}).ok());
  }
  Result<Layout> plan(const Topology& topology, LayoutOptions options = {}) {
    connection_ = cluster_.connect();
    admin_ = std::move(connection_->admin().value);
    options.job = "job";
    return plan_layout(topology, options, *admin_);
  }
  const kafka::TopicSpec* missing(const Layout& layout, const std::string& name) {
    for (const kafka::TopicSpec& spec : layout.missing) {
      if (spec.name == name) return &spec;
    }
    return nullptr;
  }
  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<kafka::Admin> admin_;
};

TEST_F(LayoutTest, FollowsThePartitionsOfTheInput) {
  create("in", 5);
  const auto layout = plan(counts_by_value());
  ASSERT_TRUE(layout) << layout.error().text;
  EXPECT_THAT(layout->tasks, ::testing::ElementsAre(5, 5));
  EXPECT_EQ(layout->partitions.at("job-counts-repartition"), 5);
  EXPECT_EQ(layout->reader.at("in"), 0);
  EXPECT_EQ(layout->reader.at("job-counts-repartition"), 1);
}

TEST_F(LayoutTest, InternalTopicsKeepByNeedAndTakeAnyTime) {
  create("in", 2);
  const auto layout = plan(counts_by_value());
  ASSERT_TRUE(layout);
  const kafka::TopicSpec* repartition = missing(*layout, "job-counts-repartition");
  ASSERT_NE(repartition, nullptr);
  EXPECT_EQ(repartition->configs.at("retention.ms"), "-1");
  EXPECT_EQ(repartition->configs.at("message.timestamp.after.max.ms"), "9223372036854775807");
  const kafka::TopicSpec* changelog = missing(*layout, "job-counts-changelog");
  ASSERT_NE(changelog, nullptr);
  EXPECT_EQ(changelog->configs.at("cleanup.policy"), "compact");
  EXPECT_NE(missing(*layout, "out"), nullptr);
  EXPECT_NE(missing(*layout, "dead"), nullptr);
}

TEST_F(LayoutTest, AllTopicsAreMadeWithTheReplicasThatTheJobSays) {
  create("in", 2);
  const auto layout = plan(counts_by_value(), {.replicas = 3});
  ASSERT_TRUE(layout);
  ASSERT_EQ(layout->missing.size(), 4U);
  for (const kafka::TopicSpec& spec : layout->missing) EXPECT_EQ(spec.replicas, 3) << spec.name;
}

TEST_F(LayoutTest, WhereNoneAreMadeAMissingResultTopicIsAnError) {
  create("in", 2);
  create("out", 2);
  const auto layout = plan(counts_by_value(), {.make_results = false});
  ASSERT_FALSE(layout);
  EXPECT_THAT(layout.error().text, HasSubstr("'dead' does not exist"));
  create("dead", 2);
  const auto again = plan(counts_by_value(), {.make_results = false});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_NE(missing(*again, "job-counts-changelog"), nullptr);
}

TEST_F(LayoutTest, AResultTopicIsMadeAsItsSinkSays) {
  create("in", 2);
  const Topology plain = counts_by_value();
  std::vector<StageSpec> stages = plain.stages();
  for (StageSpec& stage : stages) {
    if (stage.topic == "out") stage.partitions = 1;
  }
  const auto topology = Topology::make(std::move(stages), plain.errors());
  ASSERT_TRUE(topology);
  const auto layout = plan(*topology);
  ASSERT_TRUE(layout);
  EXPECT_EQ(missing(*layout, "out")->partitions, 1);
  EXPECT_EQ(missing(*layout, "dead")->partitions, 2);
}

TEST_F(LayoutTest, AMissingSourceTopicIsAnErrorWithItsName) {
  const auto layout = plan(counts_by_value());
  ASSERT_FALSE(layout);
  EXPECT_THAT(layout.error().text, HasSubstr("'in' does not exist"));
}

TEST_F(LayoutTest, InputsThatMeetMustHaveEqualPartitions) {
  create("in", 2);
  create("other", 3);
  Builder builder;
  builder.stream(kIn).merge(builder.stream(kOther)).to(kOut);
  const auto layout = plan(*builder.build());
  ASSERT_FALSE(layout);
  EXPECT_THAT(layout.error().text, HasSubstr("'in' has 2 partitions and 'other' has 3"));
}

// Records of both sides meet by their new keys, wherever they come from.
TEST_F(LayoutTest, RepartitionTopicsThatMeetHaveEqualPartitions) {
  const auto text = [](const std::int64_t& n) { return std::to_string(n); };
  const auto sum = [](std::int64_t a, std::int64_t b) { return a + b; };
  create("in", 2);
  create("other", 5);
  Builder both;
  both.stream(kIn)
      .rekey(text)
      .join("pairs", both.stream(kOther).rekey(text), sum, {.within = 1s})
      .to(kOut);
  const auto layout = plan(*both.build());
  ASSERT_TRUE(layout) << layout.error().text;
  EXPECT_EQ(layout->partitions.at("job-pairs-left-repartition"), 5);
  EXPECT_EQ(layout->partitions.at("job-pairs-right-repartition"), 5);
  EXPECT_THAT(layout->tasks, ::testing::UnorderedElementsAre(2, 5, 5));
}

// A source cannot be changed: the other side comes to it, whichever has more.
TEST_F(LayoutTest, ARepartitionTopicFollowsTheSourceThatItMeets) {
  const auto text = [](const std::int64_t& n) { return std::to_string(n); };
  const auto sum = [](std::int64_t a, std::int64_t b) { return a + b; };
  for (const auto& [left, right] : {std::pair(2, 5), std::pair(5, 2)}) {
    cluster_ = sim::SimCluster(1);
    create("in", left);
    create("other", right);
    Builder one;
    one.stream(kIn).join("pairs", one.stream(kOther).rekey(text), sum, {.within = 1s}).to(kOut);
    const auto layout = plan(*one.build());
    ASSERT_TRUE(layout) << layout.error().text;
    EXPECT_EQ(layout->partitions.at("job-pairs-right-repartition"), left);
    EXPECT_EQ(layout->partitions.at("job-pairs-left-changelog"), left);
  }
}

TEST_F(LayoutTest, AnInternalTopicOfAnotherSizeIsRefused) {
  create("in", 2);
  create("job-counts-repartition", 7);
  const auto layout = plan(counts_by_value());
  ASSERT_FALSE(layout);
  EXPECT_THAT(layout.error().text, HasSubstr("has 7 partitions, but the job needs 2"));
  EXPECT_THAT(layout.error().hint, HasSubstr("reset"));
}

TEST_F(LayoutTest, ASinkIsNoTopic) {
  create("in", 2);
  connection_ = cluster_.connect();
  admin_ = std::move(connection_->admin().value);
  const auto layout = plan_layout(counts_by_value(), {"job", 0, {"out"}}, *admin_);
  ASSERT_TRUE(layout);
  EXPECT_EQ(missing(*layout, "out"), nullptr);
  EXPECT_THAT(layout->sinks, ::testing::ElementsAre("out"));
  EXPECT_THAT(layout->written, ::testing::Not(::testing::Contains("out")));
  EXPECT_EQ(layout->dead_letters, "dead");
}

TEST_F(LayoutTest, MissesTopicsOfAJobThatHasRun) {
  create("in", 2);
  const Topology topology = counts_by_value();
  const auto layout = plan(topology);
  ASSERT_TRUE(layout);
  EXPECT_THAT(*lost_topics(topology, *layout, "job", *admin_), ::testing::IsEmpty());
  cluster_.group("job").commit({{"in", 1}, 3, ""});
  EXPECT_THAT(*lost_topics(topology, *layout, "job", *admin_),
              ::testing::ElementsAre("job-counts-repartition"));
  cluster_.group("job").commit({{"job-counts-repartition", 1}, 3, ""});
  EXPECT_THAT(*lost_topics(topology, *layout, "job", *admin_),
              ::testing::ElementsAre("job-counts-repartition", "job-counts-changelog"));
}

TEST_F(LayoutTest, KnowsWhatItsResultTopicsTake) {
  create("in", 1);
  ASSERT_TRUE(
      cluster_.topics()
          .create({.name = "out", .partitions = 1, .configs = {{"max.message.bytes", "300"}}})
          .ok());
  auto layout = plan(counts_by_value());
  ASSERT_TRUE(layout);
  ASSERT_TRUE(create_topics(*layout, *admin_));
  ASSERT_TRUE(read_limits(*layout, *admin_));
  EXPECT_EQ(layout->limits.at("out").bytes_max, 300U);
  EXPECT_EQ(layout->limits.at("dead").bytes_max, kafka::kRecordBytesMax);
}

// The broker that is asked has not heard yet of what another one has made.
class SlowToHear final : public kafka::Admin {
 public:
  explicit SlowToHear(int times) : times_(times) {}
  kafka::Reply<kafka::Configs> configs(const std::string&) override {
    if (times_-- > 0) return kafka::Outcome{kafka::Fault::kMissing, "unknown topic"};
    return kafka::Configs{{"max.message.bytes", "2000"}};
  }
  MOCK_METHOD(kafka::Reply<std::vector<std::string>>, topics, (), (override));
  MOCK_METHOD(kafka::Reply<std::vector<std::int32_t>>, partitions, (std::span<const std::string>),
              (override));
  MOCK_METHOD(kafka::Reply<std::vector<kafka::Outcome>>, create_topics,
              (std::span<const kafka::TopicSpec>), (override));
  MOCK_METHOD(kafka::Outcome, grow_topic, (const std::string&, std::int32_t), (override));
  MOCK_METHOD(kafka::Reply<std::vector<kafka::Outcome>>, delete_topics,
              (std::span<const std::string>), (override));
  MOCK_METHOD(kafka::Outcome, delete_records, (std::span<const kafka::Position>), (override));
  using Offsets = kafka::Reply<std::vector<std::int64_t>>;
  using Positions = kafka::Reply<std::vector<kafka::Position>>;
  using Asked = std::span<const kafka::Partition>;
  MOCK_METHOD(Offsets, begin_offsets, (Asked), (override));
  MOCK_METHOD(Offsets, end_offsets, (Asked, kafka::Isolation), (override));
  MOCK_METHOD(Offsets, offsets_at, (Asked, Timestamp), (override));
  MOCK_METHOD(Positions, committed, (const std::string&, Asked), (override));
  MOCK_METHOD(Positions, committed, (const std::string&), (override));
  MOCK_METHOD(kafka::Reply<kafka::GroupState>, group, (const std::string&), (override));
  MOCK_METHOD(kafka::Outcome, delete_group, (const std::string&), (override));

 private:
  int times_;
};

TEST_F(LayoutTest, WaitsForABrokerThatHasNotHeardOfAResultTopic) {
  Layout layout;
  layout.limits["results"];
  SlowToHear admin(3);
  ASSERT_TRUE(read_limits(layout, admin));
  EXPECT_EQ(layout.limits["results"].bytes_max, 2000U);
}

TEST_F(LayoutTest, TellsWhichTopicsMayBeMadeLater) {
  using kafka::Fault;
  using Outcomes = std::vector<kafka::Outcome>;
  Layout layout;
  layout.missing = {{.name = "new"}};
  SlowToHear admin(0);
  EXPECT_CALL(admin, create_topics(::testing::_))
      .WillOnce(::testing::Return(kafka::Outcome{Fault::kRetriable, "timed out"}))
      .WillOnce(::testing::Return(Outcomes{{Fault::kRetriable, "currently fenced"}}))
      .WillOnce(::testing::Return(Outcomes{{Fault::kDenied, "too many replicas"}}))
      .WillOnce(::testing::Return(Outcomes{{Fault::kExists, "there"}}));
  for (const bool passes : {true, true, false}) {
    bool may_pass = !passes;
    EXPECT_FALSE(create_topics(layout, admin, &may_pass));
    EXPECT_EQ(may_pass, passes);
  }
  EXPECT_TRUE(create_topics(layout, admin));
}

TEST_F(LayoutTest, CreatesWhatIsMissingOnce) {
  create("in", 2);
  const auto layout = plan(counts_by_value());
  ASSERT_TRUE(layout);
  EXPECT_TRUE(create_topics(*layout, *admin_));
  EXPECT_TRUE(create_topics(*layout, *admin_));  // Another instance was faster: fine.
  const auto again = plan(counts_by_value());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->missing.empty());
}

}  // namespace
}  // namespace weir::engine
