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
