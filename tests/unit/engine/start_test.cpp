#include "engine/start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sim_cluster.h"
#include <weir/weir.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};

Topology counting() {
  Builder builder;
  builder.stream(kIn)
      .group_by([](const std::int64_t& n) { return std::to_string(n); })
      .windowed({.size = 1s})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  return *builder.build();
}

class StartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    connection_ = cluster_.connect();
    admin_ = std::move(connection_->admin().value);
    options_.layout.job = "job";
    options_.brokers = "there:9092";
    options_.wait = Duration{250};
    options_.own_members = "job-me-";
  }
  void create(const std::string& topic, int partitions, kafka::Configs configs = {}) {
    ASSERT_TRUE(
        cluster_.topics()
            .create({.name = topic, .partitions = partitions, .configs = std::move(configs)})
            .ok());
  }
  AppStatus prepare() {
    ground_ = Ground();
    return engine::prepare(topology_, options_, complaints_, *admin_, ground_);
  }
  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<kafka::Admin> admin_;
  const Topology topology_ = counting();
  StartOptions options_;
  Complaints complaints_;
  Ground ground_;
};

TEST_F(StartTest, MakesWhatIsMissing) {
  create("in", 2);
  ASSERT_TRUE(prepare());
  EXPECT_THAT(ground_.created, Contains("job-counts-changelog"));
  ASSERT_TRUE(prepare());
  EXPECT_THAT(ground_.created, IsEmpty());
}

TEST_F(StartTest, SaysWhoDidNotAnswerAndWhy) {
  cluster_.set_down(true);
  complaints_.note(3, "FAIL: connection refused");
  const AppStatus status = prepare();
  EXPECT_EQ(status.fault(), AppFault::unreachable);
  EXPECT_THAT(status.error().text, HasSubstr("there:9092"));
  EXPECT_THAT(status.error().text, HasSubstr("connection refused"));
}

TEST_F(StartTest, ARefusedLoginNeedsNoWaiting) {
  cluster_.set_down(true);
  options_.wait = Duration{3'600'000};
  complaints_.note(3, "SASL authentication error: Authentication failed");
  complaints_.note(3, "1/1 brokers are down");
  const AppStatus status = prepare();
  EXPECT_EQ(status.fault(), AppFault::not_allowed);
  EXPECT_THAT(status.error().text, HasSubstr("SASL authentication error"));
}

TEST_F(StartTest, EndsWithoutAnErrorWhenItIsStopped) {
  cluster_.set_down(true);
  options_.wait = Duration{3'600'000};
  const std::atomic<bool> stop{true};
  options_.stop = &stop;
  EXPECT_TRUE(prepare());
}

TEST_F(StartTest, AMissingSourceTopicDoesNotFit) {
  EXPECT_EQ(prepare().fault(), AppFault::mismatch);
}

TEST_F(StartTest, AnInternalTopicThatLosesStateIsRefused) {
  create("in", 2);
  create("job-counts-changelog", 2, {{"cleanup.policy", "delete"}});
  const AppStatus status = prepare();
  EXPECT_EQ(status.fault(), AppFault::mismatch);
  EXPECT_THAT(status.error().text, HasSubstr("cleanup.policy=delete"));
}

TEST_F(StartTest, AnInternalTopicThatLosesRecordsByTheirTimeIsRefused) {
  create("in", 2);
  create(
      "job-counts-repartition", 2,
      {{"message.timestamp.after.max.ms", "9223372036854775807"}, {"retention.ms", "604800000"}});
  AppStatus status = prepare();
  EXPECT_EQ(status.fault(), AppFault::mismatch);
  EXPECT_THAT(status.error().text,
              HasSubstr("'job-counts-repartition' has retention.ms=604800000"));
  cluster_.topics().find("job-counts-repartition")->configs["retention.ms"] = "-1";
  EXPECT_TRUE(prepare());
  cluster_.topics().find("job-counts-repartition")->configs["message.timestamp.after.max.ms"] =
      "3600000";
  status = prepare();
  EXPECT_EQ(status.fault(), AppFault::mismatch);
  EXPECT_THAT(status.error().text, HasSubstr("message.timestamp.after.max.ms=3600000"));
}

TEST_F(StartTest, ATopicThatWasThereIsMissed) {
  create("in", 2);
  cluster_.group("job").commit({{"in", 0}, 5, ""});
  const AppStatus status = prepare();
  EXPECT_EQ(status.fault(), AppFault::mismatch);
  EXPECT_THAT(status.error().text, HasSubstr("there is no topic 'job-counts-repartition'"));
}

TEST_F(StartTest, OnlyOneThatIsAloneMayDrain) {
  create("in", 2);
  options_.alone = true;
  EXPECT_TRUE(prepare());
  auto member =
      connection_->consumer({.group = "job", .instance_id = "job-me-0", .topics = {"in"}});
  member.value->poll(Duration{0});
  EXPECT_TRUE(prepare());  // It is our own, of an earlier life.
  auto other =
      connection_->consumer({.group = "job", .instance_id = "job-you-0", .topics = {"in"}});
  other.value->poll(Duration{0});
  EXPECT_EQ(prepare().fault(), AppFault::try_again);
}

TEST(LoginHint, ExplainsTheScramOfOldClients) {
  const std::string refused = "invalid credentials with SASL mechanism SCRAM-SHA-256";
  EXPECT_NE(login_hint(refused, "2.0.2").find("librdkafka 2.0.2 cannot log in"), std::string::npos);
  EXPECT_NE(login_hint(refused, "2.6.0"), "");
  EXPECT_EQ(login_hint(refused, "2.6.1"), "");
  EXPECT_EQ(login_hint(refused, "10.0.0-RC1"), "");
  EXPECT_EQ(login_hint("Invalid username or password", "2.0.2"), "");
}

TEST(Complaints, KeepTheLastThatMatters) {
  Complaints complaints;
  EXPECT_EQ(complaints.last(), "");
  complaints.note(3, "refused");
  complaints.note(6, "chatter");
  EXPECT_EQ(complaints.last(), "refused");
  EXPECT_FALSE(complaints.is_refused());
  complaints.note(3, "SSL handshake failed: no certificate");
  EXPECT_TRUE(complaints.is_refused());
}

}  // namespace
}  // namespace weir::engine
