#include "kafka/rdkafka_config.h"

#include <map>

#include <gmock/gmock.h>

#include "kafka/rdkafka_client.h"

namespace weir::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string value_in(const RdConf& conf, const char* name) {
  char value[512] = "";
  std::size_t size = sizeof value;
  EXPECT_EQ(rd_kafka_conf_get(conf.get(), name, value, &size), RD_KAFKA_CONF_OK) << name;
  return value;
}

RdkafkaOptions options(Properties properties = {}) {
  return {.brokers = "127.0.0.1:1", .properties = std::move(properties), .log = {}};
}

TEST(RdkafkaConfig, CarriesWhatTheGuaranteesHangOn) {
  auto conf = make_conf(options(), producer_properties({.transactional_id = "job-1-0"}));
  ASSERT_TRUE(conf.ok()) << conf.outcome.text;
  EXPECT_EQ(value_in(conf.value, "transactional.id"), "job-1-0");
  EXPECT_EQ(value_in(conf.value, "transaction.timeout.ms"), "10000");
  EXPECT_EQ(value_in(conf.value, "enable.idempotence"), "true");
  EXPECT_EQ(value_in(conf.value, "retry.backoff.ms"), "5");
  EXPECT_EQ(value_in(conf.value, "socket.nagle.disable"), "true");
  EXPECT_EQ(value_in(conf.value, "reconnect.backoff.max.ms"), "500");
  EXPECT_EQ(value_in(conf.value, "partitioner"), "murmur2_random");
  EXPECT_LT(std::stoi(value_in(conf.value, "message.timeout.ms")), 10'000);
  EXPECT_LE(std::stoi(value_in(conf.value, "socket.timeout.ms")), 10'000);
}

TEST(RdkafkaConfig, MembersAreEagerAndStartWhereTheyAreTold) {
  auto conf = make_conf(
      options(),
      consumer_properties({.group = "g", .instance_id = "i", .session_timeout = Duration{45'000}}));
  ASSERT_TRUE(conf.ok()) << conf.outcome.text;
  EXPECT_EQ(value_in(conf.value, "partition.assignment.strategy"), "range");
  EXPECT_EQ(value_in(conf.value, "group.instance.id"), "i");
  EXPECT_EQ(value_in(conf.value, "enable.auto.commit"), "false");
  EXPECT_EQ(value_in(conf.value, "enable.auto.offset.store"), "false");
  EXPECT_EQ(value_in(conf.value, "auto.offset.reset"), "error");
  EXPECT_EQ(value_in(conf.value, "isolation.level"), "read_committed");
  EXPECT_EQ(value_in(conf.value, "session.timeout.ms"), "45000");
}

TEST(RdkafkaConfig, ADynamicMemberHasNoInstanceId) {
  for (const auto& [name, value] : consumer_properties({.group = "g"})) {
    EXPECT_NE(name, "group.instance.id");
  }
}

TEST(RdkafkaConfig, PropertiesOfTheJobWin) {
  auto conf =
      make_conf(options({{"linger.ms", "77"}, {"client.id", "mine"}}), producer_properties({}));
  ASSERT_TRUE(conf.ok()) << conf.outcome.text;
  EXPECT_EQ(value_in(conf.value, "linger.ms"), "77");
  EXPECT_EQ(value_in(conf.value, "client.id"), "mine");
}

TEST(RdkafkaConfig, RefusesWhatWouldBreakAGuarantee) {
  EXPECT_TRUE(static_cast<bool>(check_options(options())));
  for (const char* name : {"group.id", "transactional.id", "isolation.level", "acks",
                           "enable.auto.commit", "partition.assignment.strategy"}) {
    const Status status = check_options(options({{name, "1"}}));
    ASSERT_FALSE(static_cast<bool>(status)) << name;
    EXPECT_THAT(status.error().text, HasSubstr(name));
  }
}

TEST(RdkafkaConfig, RefusesWhatLibrdkafkaDoesNotKnow) {
  const Status unknown = check_options(options({{"no.such.property", "1"}}));
  ASSERT_FALSE(static_cast<bool>(unknown));
  EXPECT_THAT(unknown.error().text, HasSubstr("no.such.property"));
  const Status range = check_options(options({{"fetch.wait.max.ms", "-5"}}));
  ASSERT_FALSE(static_cast<bool>(range));
  EXPECT_THAT(range.error().text, HasSubstr("fetch.wait.max.ms"));
  EXPECT_THAT(range.error().text, Not(HasSubstr("\n")));
  EXPECT_FALSE(static_cast<bool>(check_options({})));
}

TEST(RdkafkaConfig, NeverShowsASecret) {
  const Properties properties = {{"sasl.username", "ann"},
                                 {"sasl.password", "hunter2"},
                                 {"ssl.key.pem", "hunter2"},
                                 {"ssl.key.location", "/etc/key.pem"},
                                 {"ssl.keystore.password", "hunter2"},
                                 {"sasl.oauthbearer.client.secret", "hunter2"},
                                 {"SASL.PASSWORD", "hunter2"}};
  EXPECT_THAT(
      redacted(properties),
      ElementsAre(Pair("sasl.username", "ann"), Pair("sasl.password", "***"),
                  Pair("ssl.key.pem", "***"), Pair("ssl.key.location", "/etc/key.pem"),
                  Pair("ssl.keystore.password", "***"),
                  Pair("sasl.oauthbearer.client.secret", "***"), Pair("SASL.PASSWORD", "***")));
  const Status refused =
      check_options(options({{"security.protocol", "ssl"}, {"ssl.key.pem", "hunter2"}}));
  ASSERT_FALSE(static_cast<bool>(refused));
  EXPECT_THAT(refused.error().text, Not(HasSubstr("hunter2")));
}

TEST(RdkafkaConfig, ABrokerThatIsNotThereIsRetriable) {
  std::vector<std::string> lines;
  const auto cluster = connect(options({{"socket.timeout.ms", "1000"}}));
  auto producer = cluster->producer({.transactional_id = "id"});
  ASSERT_TRUE(producer.ok()) << producer.outcome.text;
  EXPECT_EQ(producer.value->init(Duration{50}).fault, Fault::kRetriable);
  auto consumer = cluster->consumer({.group = "g", .topics = {"t"}});
  ASSERT_TRUE(consumer.ok()) << consumer.outcome.text;
  EXPECT_TRUE(consumer.value->group_metadata().empty());
  const std::vector<Partition> partitions = {{"t", 0}};
  EXPECT_EQ(consumer.value->committed(partitions, Duration{50}).outcome.fault, Fault::kRetriable);
  const std::vector<Position> positions = {{{"t", 0}, 1}};
  EXPECT_EQ(consumer.value->commit(positions, Duration{50}).fault, Fault::kStale);
}

TEST(RdkafkaConfig, ClosesInTimeWithoutABroker) {
  const auto cluster = connect(options());
  auto consumer = cluster->consumer({.group = "g", .topics = {"t"}});
  ASSERT_TRUE(consumer.ok());
  consumer.value->poll(Duration{10});
  const auto begin = std::chrono::steady_clock::now();
  consumer.value->close(Duration{500});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Duration{3'000});
}

}  // namespace
}  // namespace weir::kafka
