#include "run/connection.h"

#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>

namespace weir::run {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

job::Outside outside(std::map<std::string, std::string> values) {
  job::Outside made;
  made.environment = [values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
  made.file = [](const std::string& path) -> Result<std::string> {
    if (path == "/secret") return std::string("from-file\n");
    return Error{"cannot read '" + path + "'"};
  };
  return made;
}

std::string value(const Connection& connection, const std::string& name) {
  for (const auto& [known, text] : connection.properties) {
    if (known == name) return text;
  }
  return "";
}

TEST(Connection, FlagsWinOverTheEnvironmentAndThatOverTheJob) {
  ConnectionSources sources{.job_brokers = "job:1"};
  EXPECT_EQ(resolve({}, outside({}))->brokers, "localhost:9092");
  EXPECT_EQ(resolve(sources, outside({}))->brokers, "job:1");
  EXPECT_EQ(resolve(sources, outside({{"WEIR_BROKERS", "env:1"}}))->brokers, "env:1");
  sources.brokers = "flag:1";
  EXPECT_EQ(resolve(sources, outside({{"WEIR_BROKERS", "env:1"}}))->brokers, "flag:1");
}

TEST(Connection, TheNamesOfProducersCountWhereNoJobNamesBrokers) {
  std::map<std::string, std::string> names = {{"KAFKA_BOOTSTRAP", "a:1"},
                                              {"KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"},
                                              {"KAFKA_SASL_MECHANISM", "SCRAM-SHA-256"},
                                              {"KAFKA_SASL_USERNAME", "ann"},
                                              {"KAFKA_SASL_PASSWORD", "secret"},
                                              {"KAFKA_BROKERS", ""}};
  const auto with = [&](const ConnectionSources& sources) {
    auto made = resolve(sources, outside(names));
    EXPECT_TRUE(made) << made.error().text;
    return made ? *made : Connection{};
  };
  const Connection all = with({});
  EXPECT_EQ(all.brokers, "a:1");
  EXPECT_EQ(value(all, "security.protocol"), "SASL_PLAINTEXT");
  EXPECT_EQ(value(all, "sasl.mechanisms"), "SCRAM-SHA-256");
  EXPECT_EQ(value(all, "sasl.username"), "ann");
  EXPECT_EQ(value(all, "sasl.password"), "secret");
  names["KAFKA_BOOTSTRAP_SERVERS"] = "b:1";
  EXPECT_EQ(with({}).brokers, "b:1");
  names["KAFKA_BROKERS"] = "c:1";
  EXPECT_EQ(with({}).brokers, "c:1");
  EXPECT_EQ(value(with({.properties = {"sasl.username=bob"}}), "sasl.username"), "bob");
  EXPECT_EQ(value(with({.properties = {"sasl.mechanism=PLAIN"}}), "sasl.mechanisms"), "PLAIN");
  EXPECT_EQ(with({.brokers = "flag:1"}).brokers, "flag:1");
  const Connection job = with({.job_brokers = "job:1"});
  EXPECT_EQ(job.brokers, "job:1");
  EXPECT_TRUE(job.properties.empty());
}

TEST(Connection, AnApiKeyMeansPlainOverTls) {
  const auto made = resolve({}, outside({{"KAFKA_API_KEY", "k"}, {"KAFKA_API_SECRET", "s"}}));
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(value(*made, "security.protocol"), "SASL_SSL");
  EXPECT_EQ(value(*made, "sasl.mechanisms"), "PLAIN");
  EXPECT_EQ(value(*made, "sasl.username"), "k");
  EXPECT_EQ(value(*made, "sasl.password"), "s");
}

TEST(Connection, PropertiesOfTheCommandLineWinOverTheJob) {
  const ConnectionSources sources{.job_properties = {{"socket.timeout.ms", "1000"}},
                                  .properties = {"socket.timeout.ms=2000"}};
  EXPECT_EQ(value(*resolve(sources, outside({})), "socket.timeout.ms"), "2000");
}

TEST(Connection, ReadsAFileOfProperties) {
  const std::string path = testing::TempDir() + "kafka.properties";
  std::ofstream(path) << "# a comment\n\n  bootstrap.servers = file:1\nclient.rack=${RACK}\n";
  const auto connection = resolve({.config_file = path}, outside({{"RACK", "r1"}}));
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->brokers, "file:1");
  EXPECT_EQ(value(*connection, "client.rack"), "r1");
  std::remove(path.c_str());
  EXPECT_FALSE(resolve({.config_file = path}, outside({})));
}

TEST(Connection, SecretsComeFromOutsideAndStayOutOfErrors) {
  const auto taken =
      resolve({.properties = {"sasl.username=u", "sasl.password=${file:/secret}"}}, outside({}));
  ASSERT_TRUE(taken);
  EXPECT_EQ(value(*taken, "sasl.password"), "from-file");
  const auto refused = resolve({.properties = {"sasl.password=${SECRET}", "no.such=1"}},
                               outside({{"SECRET", "hush"}}));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("hush")));
  EXPECT_THAT(resolve({.properties = {"sasl.password=${NONE}"}}, outside({})).error().text,
              HasSubstr("NONE"));
}

TEST(Connection, RefusesWhatGuaranteesHangOn) {
  EXPECT_FALSE(resolve({.properties = {"enable.idempotence=false"}}, outside({})));
  EXPECT_FALSE(resolve({.properties = {"nonsense"}}, outside({})));
}

}  // namespace
}  // namespace weir::run
