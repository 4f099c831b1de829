#include "kafka/probe.h"

#include <gtest/gtest.h>

namespace weir::kafka {
namespace {

TEST(Probe, ReadsVersionsFromTheClientsLog) {
  ApiVersions versions;
  EXPECT_TRUE(read_api_line(
      "APIVERSION: [thrd:a:1/bootstrap]: a:1/bootstrap:   ApiKey Produce (0) Versions 0..13",
      versions));
  EXPECT_TRUE(read_api_line("APIVERSION: x:   ApiKey Unknown-60? (60) Versions 1..2", versions));
  EXPECT_FALSE(read_api_line("APIVERSION: x: Broker API support:", versions));
  EXPECT_FALSE(read_api_line("ApiKey Produce (", versions));
  EXPECT_FALSE(read_api_line("ApiKey Produce (0) Versions 3", versions));
  const ApiVersions expected{{0, {0, 13}}, {60, {1, 2}}};
  EXPECT_EQ(versions, expected);
}

TEST(Probe, TellsTheOldestKafkaThatUnderstandsThem) {
  EXPECT_EQ(kafka_words({}), "");
  EXPECT_EQ(kafka_words({{8, {2, 10}}, {28, {0, 5}}, {65, {0, 0}}}), "Kafka 4.0 or later");
  EXPECT_EQ(kafka_words({{8, {0, 9}}, {28, {0, 4}}, {65, {0, 0}}}), "Kafka 3.0 or later");
  EXPECT_EQ(kafka_words({{8, {0, 8}}, {28, {0, 3}}}), "Kafka 2.5 or later");
  EXPECT_EQ(kafka_words({{8, {0, 8}}, {28, {0, 2}}}), "older than Kafka 2.5");
}

TEST(Probe, ExactlyOnceNeedsFencingByTheGroup) {
  EXPECT_TRUE(knows_group_fencing({{28, {0, 3}}}));
  EXPECT_FALSE(knows_group_fencing({{28, {0, 2}}}));
  EXPECT_FALSE(knows_group_fencing({}));
}

TEST(Probe, NamesTheClientLibrary) { EXPECT_EQ(client_version().substr(0, 2), "2."); }

}  // namespace
}  // namespace weir::kafka
