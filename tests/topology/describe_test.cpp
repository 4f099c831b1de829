// A plan in words, as JSON and as a picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <weir/stream.h>

namespace weir::describe_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Topic<std::string, std::int64_t> kIn{"clicks"};
const Topic<std::string, std::int64_t> kLate{"late"};
const Topic<Windowed<std::string>, std::int64_t> kOut{"counts"};

Topology plan(ErrorPolicy errors) {
  Builder builder(std::move(errors));
  builder.stream(kIn, {.idle = 90s})
      .filter([](std::int64_t n) { return n > 0; }, {"positive"})
      .require("n \"fits\"", [](std::int64_t n) { return n < 10; }, {"fits"})
      .group_by([](std::int64_t n) { return std::to_string(n); })
      .windowed(Windows{.size = 10s, .every = 5s, .grace = 30s})
      .late_to(kLate)
      .count("per-value")
      .to(kOut);
  return *builder.build();
}

TEST(Describe, SaysInWordsWhatEachStageDoes) {
  EXPECT_EQ(plan({.dead_letters = "dead"}).describe(),
            R"(sub-topology 0
  source-clicks: source, reads 'clicks' (bytes, bytes), idle after 1m30s
    --> positive
  positive: filter
    <-- source-clicks
    --> fits
  fits: require (n "fits")
    <-- positive
    --> rekey-3
  rekey-3: rekey
    <-- fits
    --> per-value-write
  per-value-write: sink, writes repartition topic 'per-value'
    <-- rekey-3

sub-topology 1
  per-value-read: source, reads repartition topic 'per-value'
    --> per-value
  per-value: aggregate (size 10s, every 5s, grace 30s, on close)
    <-- per-value-read
    --> sink-7 (output 1)
    --> map_values-8
    store per-value: window, kept 40s
  sink-7: sink, writes 'late' (bytes, bytes)
    <-- per-value
  map_values-8: map_values
    <-- per-value
    --> sink-9
  sink-9: sink, writes 'counts' (bytes, bytes)
    <-- map_values-8

errors
  bad records: to 'dead'
  late records: to 'dead'
  duplicates: dropped
)");
}

TEST(Describe, NamesTheSidesOfAJoinAndTheTopicsThatMustBeAlike) {
  Builder builder;
  const auto clicks = builder.stream(kIn, {.idle = 0s});
  clicks.join("pairs", builder.stream(kLate), [](std::int64_t a, std::int64_t b) { return a + b; },
              {.within = 1min});
  const std::string text = builder.build()->describe();
  EXPECT_THAT(text, HasSubstr("    <-- source-clicks (left)\n    <-- source-late (right)\n"));
  EXPECT_THAT(text, HasSubstr("  as many partitions each: 'clicks' 'late'\n"));
  EXPECT_THAT(text, HasSubstr("reads 'clicks' (bytes, bytes), never idle\n"));
  EXPECT_THAT(text, HasSubstr("  bad records: stop the job\n  late records: dropped\n"));
}

TEST(Describe, IsTheSameForEqualPlans) {
  EXPECT_EQ(plan({}), plan({}));
  for (const DescribeAs as : {DescribeAs::text, DescribeAs::json, DescribeAs::dot}) {
    EXPECT_EQ(plan({}).describe(as), plan({}).describe(as));
  }
}

TEST(Describe, GivesJsonThatAProgramReads) {
  rapidjson::Document json;
  json.Parse(plan({.dead_letters = "dead"}).describe(DescribeAs::json).c_str());
  ASSERT_FALSE(json.HasParseError());
  const auto& parts = json["sub_topologies"];
  ASSERT_EQ(parts.Size(), 2u);
  EXPECT_STREQ(parts[0]["stages"][2]["details"].GetString(), "n \"fits\"");
  EXPECT_EQ(parts[0]["stages"][0]["idle_ms"].GetInt(), 90'000);
  const auto& aggregate = parts[1]["stages"][1];
  EXPECT_STREQ(aggregate["name"].GetString(), "per-value");
  EXPECT_STREQ(aggregate["inputs"][0]["from"].GetString(), "per-value-read");
  EXPECT_EQ(aggregate["stores"][0]["retention_ms"].GetInt(), 40'000);
  EXPECT_STREQ(json["errors"]["dead_letters"].GetString(), "dead");
  EXPECT_STREQ(json["errors"]["bad"].GetString(), "dead_letter");
  EXPECT_STREQ(json["errors"]["unreadable"].GetString(), "dead_letter");
  EXPECT_STREQ(json["errors"]["refused_by_sink"].GetString(), "dead_letter");
}

TEST(Describe, DrawsPartsTopicsStoresAndTheEdgesBetweenThem) {
  const std::string dot = plan({}).describe(DescribeAs::dot);
  EXPECT_THAT(dot, HasSubstr("digraph topology {\n"));
  EXPECT_THAT(dot, HasSubstr("  subgraph cluster_1 {\n"));
  EXPECT_THAT(dot, HasSubstr("\"topic clicks\" -> s0;\n"));
  EXPECT_THAT(dot, HasSubstr("s4 -> \"repartition per-value\";\n"));
  EXPECT_THAT(dot, HasSubstr("\"repartition per-value\" -> s5;\n"));
  EXPECT_THAT(dot, HasSubstr("s6 -> s7 [label=\"output 1\"];\n"));
  EXPECT_THAT(dot, HasSubstr("\"store per-value\" [label=\"per-value\\nwindow\", shape=cylinder]"));
  EXPECT_THAT(dot, HasSubstr("n \\\"fits\\\""));
}

}  // namespace
}  // namespace weir::describe_test
