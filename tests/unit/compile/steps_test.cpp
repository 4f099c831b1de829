// Every kind of step, from a job file through a TestDriver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/compile/job_at_work.h"

namespace weir::compile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kFields = "{id: string, n: int or null, m: 'decimal(2) or null'}";

TEST(Steps, FilterKeepsOnlyTrue) {
  JobAtWork job(small_job(kFields, "      - filter: n > 1\n"));
  job.send("in", R"({"id":"a","n":1})");
  job.send("in", R"({"id":"b","n":2})");
  job.send("in", R"({"id":"c"})");
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"id":"b","n":2,"m":null})"));
  EXPECT_THAT(job.driver().discarded(), IsEmpty());
}

TEST(Steps, AnExpressionThatFailsMakesADeadLetter) {
  JobAtWork job(small_job(kFields, "      - set: {n: 10 / n}\n"));
  job.send("in", R"({"id":"a","n":0})");
  job.send("in", R"({"id":"b","n":null})");
  EXPECT_THAT(job.dead(), ElementsAre(testing::AllOf(testing::StartsWith(R"({"id":"a","n":0})"),
                                                     testing::HasSubstr("process"))));
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"id":"b","n":null,"m":null})"));
}

TEST(Steps, SetSelectAndUnsetMoveColumns) {
  JobAtWork job(small_job(kFields,
                          "      - set: {n: n + 1, old: n}\n"
                          "      - unset: [m]\n"
                          "      - select: {name: id, both: n * 10 + old}\n"));
  job.send("in", R"({"id":"a","n":1})");
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"name":"a","both":21})"));
}

TEST(Steps, ExpressionsMayAskWhereARecordCameFrom) {
  JobAtWork job(small_job(kFields,
                          "      - set: {from: topic(), part: partition(), at: offset()}\n"
                          "      - select:\n"
                          "          id: concat(from, part, at, topic(), partition(), offset())\n"
                          "          came: arrival_time()\n"
                          "      - filter: partition() == 1\n"),
                {.partitions = 2});
  job.send("in", R"({"id":"a"})", 0, 1);
  job.send("in", R"({"id":"b"})", 1'000, 1);
  job.send("in", R"({"id":"c"})", 1'000, 0);
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"id":"in10in10","came":"2025-11-24T16:00:00Z"})",
                                           R"({"id":"in11in11","came":"2025-11-24T16:00:01Z"})"));
}

TEST(Steps, TheEventTimeMayFallBackOnTheRecords) {
  JobAtWork job(small_job("{id: string, at: time or null}",
                          "      - select: {id: id, time: record_time(), came: arrival_time()}\n",
                          "    time: at ?? record_time()\n"));
  job.send("in", R"({"id":"a","at":"2025-11-24T15:00:00Z"})");
  job.send("in", R"({"id":"b"})", 500);
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"id":"a","time":"2025-11-24T15:00:00Z","came":)"
                                           R"("2025-11-24T16:00:00Z"})",
                                           R"({"id":"b","time":"2025-11-24T16:00:00.500Z","came":)"
                                           R"("2025-11-24T16:00:00.500Z"})"));
}

TEST(Steps, AnAggregateMayAskWhereItsRecordsCameFrom) {
  JobAtWork job(small_job(kFields,
                          "      - aggregate:\n"
                          "          by: id\n"
                          "          window: {size: 1m}\n"
                          "          fields: {parts: count_distinct(partition())}\n"),
                {.partitions = 3});
  for (int part = 0; part < 3; ++part) job.send("in", R"({"id":"a"})", 0, part);
  job.driver().drain();
  const std::vector<std::string> out = job.read("out");
  ASSERT_EQ(out.size(), 1U);
  EXPECT_THAT(out[0], testing::HasSubstr(R"("parts":3})"));
}

TEST(Steps, KeyGivesTheFieldsPlainText) {
  JobAtWork job(small_job(kFields, "      - key: n\n"));
  job.send("in", R"({"id":"a","n":7})", 0, 0, "before");
  job.send("in", R"({"id":"b"})", 0, 0, "before");
  EXPECT_THAT(job.read("out"),
              ElementsAre(R"(7 {"id":"a","n":7,"m":null})", R"({"id":"b","n":null,"m":null})"));
}

TEST(Steps, ASampleTellsWhetherRecordsAreKeyedAsTheJobSays) {
  const std::string text = small_job(kFields, "      - filter: true\n", "    keyed_by: [id, n]\n");
  JobAtWork job(text);
  job.send("in", R"({"id":"a","n":7})", 0, 0, R"(["a",7])");
  EXPECT_EQ(job.key_mismatches("source"), 0U);
  for (std::uint64_t n = 1; n < KeyCheck::kSampleEvery; ++n) job.send("in", R"({"id":"a"})");
  EXPECT_EQ(job.key_mismatches("source"), 0U);  // Nobody looked.
  job.send("in", R"({"id":"a","n":7})", 0, 0, "a");
  EXPECT_EQ(job.key_mismatches("source"), 1U);
}

TEST(Steps, ANullKeyIsRightWhereTheFieldIsNull) {
  JobAtWork job(small_job(kFields, "      - filter: true\n", "    keyed_by: n\n"));
  job.send("in", R"({"id":"a"})");
  EXPECT_EQ(job.key_mismatches("source"), 0U);
  JobAtWork other(small_job(kFields, "      - filter: true\n", "    keyed_by: n\n"));
  other.send("in", R"({"id":"a","n":1})");
  EXPECT_EQ(other.key_mismatches("source"), 1U);
}

TEST(Steps, RecordsKeepTheirKey) {
  JobAtWork job(small_job(kFields, "      - filter: true\n"));
  job.send("in", R"({"id":"a"})", 0, 0, "k");
  EXPECT_THAT(job.read("out"), ElementsAre(R"(k {"id":"a","n":null,"m":null})"));
}

TEST(Steps, ExplodeGivesARecordForEachElement) {
  JobAtWork job(small_job("{id: string, items: [{sku: string, n: int or null}]}",
                          "      - explode: {list: items, as: item}\n"
                          "      - select: {id: id, sku: item.sku, n: item.n}\n"));
  job.send("in", R"({"id":"a","items":[{"sku":"x","n":1},{"sku":"y"}]})");
  job.send("in", R"({"id":"b","items":[]})");
  job.send("in", R"({"id":"c","items":[{"n":1}]})");
  EXPECT_THAT(job.read("out"),
              ElementsAre(R"({"id":"a","sku":"x","n":1})", R"({"id":"a","sku":"y","n":null})"));
  EXPECT_EQ(job.driver().discarded("decode"), 1U);
}

TEST(Steps, DedupeDropsRepeatsAndKeepsTheKey) {
  JobAtWork job(small_job(kFields, "      - dedupe: {by: id, within: 1m}\n"));
  job.send("in", R"({"id":"a","n":1})", 0);
  job.send("in", R"({"id":"a","n":2})", 60'000);
  job.send("in", R"({"id":"b","n":3})", 60'000);
  job.send("in", R"({"id":"a","n":4})", 60'001);
  EXPECT_THAT(job.read("out"),
              ElementsAre(R"(a {"id":"a","n":1,"m":null})", R"(b {"id":"b","n":3,"m":null})",
                          R"(a {"id":"a","n":4,"m":null})"));
  EXPECT_EQ(job.driver().discarded("duplicate"), 1U);
}

TEST(Steps, LogWritesAtMostSoManyLines) {
  JobAtWork job(small_job(kFields, "      - log: {message: 'got {id} with {n}', at_most: 1/s}\n"));
  job.send("in", R"({"id":"a","n":1})");
  job.send("in", R"({"id":"b","n":2})");
  job.driver().advance(std::chrono::seconds(1));
  job.send("in", R"({"id":"c"})");
  EXPECT_THAT(job.lines(), ElementsAre("info: got a with 1", "info: got c with "));
  EXPECT_EQ(job.read("out").size(), 3U);
}

TEST(Steps, EventTimeMayBeAField) {
  const std::string text = small_job("{id: string, at: time}",
                                     "      - aggregate:\n"
                                     "          by: id\n"
                                     "          window: {size: 1m}\n"
                                     "          fields: {n: count()}\n",
                                     "    time: at\n    zone: Europe/Berlin\n");
  JobAtWork job(text);
  job.send("in", R"({"id":"a","at":"2025-11-24T17:00:59"})", -5'000);
  job.send("in", R"({"id":"b","at":"2025-11-24T16:01:10Z"})", -6'000);
  EXPECT_THAT(job.read("out"), ElementsAre(R"(a {"id":"a","window_start":"2025-11-24T16:00:00Z",)"
                                           R"("window_end":"2025-11-24T16:01:00Z","n":1})"));
  job.send("in", R"({"id":"c","at":"soon"})");
  EXPECT_EQ(job.driver().discarded("decode"), 1U);
}

std::string route_job() {
  return "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
         "streams:\n  source:\n    topic: in\n    fields: {id: string, n: int or null}\n"
         "pipelines:\n  split:\n    from: source\n    route:\n"
         "      - when: n > 10\n        to: big\n"
         "      - when: n > 5\n        to: [middle, {topic: copies, key: id}]\n"
         "      - otherwise: rest\n";
}

TEST(Steps, RouteTakesTheFirstThatHolds) {
  JobAtWork job(route_job());
  for (const char* n : {"11", "6", "1", "null"}) {
    job.send("in", std::string(R"({"id":"a","n":)") + n + "}");
  }
  EXPECT_THAT(job.read("big"), ElementsAre(R"({"id":"a","n":11})"));
  EXPECT_THAT(job.read("middle"), ElementsAre(R"({"id":"a","n":6})"));
  EXPECT_THAT(job.read("copies"), ElementsAre(R"(a {"id":"a","n":6})"));
  EXPECT_THAT(job.read("rest"), ElementsAre(R"({"id":"a","n":1})", R"({"id":"a","n":null})"));
}

TEST(Steps, OpenRecordsGoThroughAsTheyAre) {
  JobAtWork job(small_job("any", "      - filter: kind == 'x'\n"));
  job.send("in", R"({"kind":"x","deep":{"a":[1,2.50]},"n":1e3})");
  job.send("in", R"({"deep":1})");
  EXPECT_THAT(job.read("out"),
              ElementsAre(testing::AllOf(testing::HasSubstr(R"("deep":{"a":[1,2.50]},"n":1e3)"),
                                         testing::HasSubstr(R"("kind":"x")"))));
}

std::string join_job(const std::string& more) {
  return "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
         "streams:\n"
         "  as:\n    topic: as\n    watermark: {delay: 1s, idle: 1m}\n"
         "    fields: {k: string or null, x: int}\n"
         "  bs:\n    topic: bs\n    watermark: {delay: 1s, idle: 1m}\n"
         "    fields: {k: string or null, y: int}\n"
         "pipelines:\n  out:\n    from: as\n    steps:\n"
         "      - join:\n          with: bs\n          as: b\n          by: k\n          " +
         more + "\n    to: out\n";
}

TEST(Steps, JoinGivesEveryPairWithinReach) {
  JobAtWork job(join_job("within: 10s"));
  job.send("as", R"({"k":"1","x":1})", 0);
  job.send("bs", R"({"k":"1","y":2})", 10'000);
  job.send("bs", R"({"k":"1","y":3})", 10'001);
  job.send("bs", R"({"y":4})", 0);
  EXPECT_THAT(job.read("out"), ElementsAre(R"(1 {"k":"1","x":1,"b":{"k":"1","y":2}})"));
  EXPECT_EQ(job.driver().discarded("null_key"), 1U);
}

TEST(Steps, OuterJoinGivesTheLonelyOfBothSides) {
  JobAtWork job(join_job("within: 10s\n          type: outer"));
  job.send("as", R"({"k":"1","x":1})", 0);
  job.send("bs", R"({"k":"2","y":2})", 0);
  job.send("as", R"({"x":3})", 0);
  EXPECT_THAT(job.read("out"), ElementsAre(R"({"k":null,"x":3,"b":null})"));
  job.driver().drain();
  EXPECT_THAT(job.read("out"),
              UnorderedElementsAre(R"(1 {"k":"1","x":1,"b":null})",
                                   R"(2 {"k":null,"x":null,"b":{"k":"2","y":2}})"));
}

TEST(Steps, AntiJoinGivesWhatFoundNobody) {
  JobAtWork job(join_job("within: 10s\n          type: anti"));
  job.send("as", R"({"k":"1","x":1})", 0);
  job.send("as", R"({"k":"2","x":2})", 0);
  job.send("bs", R"({"k":"1","y":2})", 0);
  job.driver().drain();
  EXPECT_THAT(job.read("out"), ElementsAre(R"(2 {"k":"2","x":2})"));
}

std::string counting(const std::string& by, const std::string& window,
                     const std::string& emit = "on_close") {
  return small_job(kFields, "      - aggregate:\n" +
                                (by.empty() ? "" : "          by: " + by + "\n") +
                                (window.empty() ? "" : "          window: " + window + "\n") +
                                "          fields: {c: count(), s: sum(m), top: max(n * 2)}\n" +
                                "          emit: " + emit + "\n");
}

TEST(Steps, AggregateByAKeyOfSeveralFields) {
  JobAtWork job(counting("[id, n]", "{size: 1m}"), {.partitions = 2});
  job.send("in", R"({"id":"a","n":1,"m":1.5})", 0, 0);
  job.send("in", R"({"id":"a","n":1,"m":2})", 1, 1);
  job.send("in", R"({"id":"a"})", 2, 1);
  job.driver().drain();
  const std::string window =
      R"("window_start":"2025-11-24T16:00:00Z","window_end":"2025-11-24T16:01:00Z",)";
  EXPECT_THAT(job.read("out"),
              UnorderedElementsAre(
                  R"(["a",1] {"id":"a","n":1,)" + window + R"("c":2,"s":3.50,"top":2})",
                  R"(["a",null] {"id":"a","n":null,)" + window + R"("c":1,"s":0.00,"top":null})"));
}

TEST(Steps, AggregateWithoutAWindowRunsOn) {
  JobAtWork job(counting("id", "", "on_update"));
  job.send("in", R"({"id":"a","n":1,"m":1})", 0);
  job.driver().crash();
  job.send("in", R"({"id":"a","n":5,"m":1})", 1);
  EXPECT_THAT(job.read("out"), ElementsAre(R"(a {"id":"a","c":1,"s":1.00,"top":2})",
                                           R"(a {"id":"a","c":2,"s":2.00,"top":10})"));
}

TEST(Steps, AggregateOfAllWithoutAWindowRunsOn) {
  JobAtWork job(counting("", "", "on_update"), {.partitions = 2});
  job.send("in", R"({"id":"a"})", 0, 0);
  job.send("in", R"({"id":"b"})", 1, 1);
  EXPECT_THAT(job.read("out"),
              ElementsAre(R"({"c":1,"s":0.00,"top":null})", R"({"c":2,"s":0.00,"top":null})"));
}

TEST(Steps, SessionsReachFromTheirFirstToTheirLastRecord) {
  JobAtWork job(counting("id", "{gap: 10s}"));
  job.send("in", R"({"id":"a"})", 0);
  job.send("in", R"({"id":"a"})", 10'000);
  job.send("in", R"({"id":"a"})", 20'001);
  job.driver().drain();
  EXPECT_THAT(job.read("out"),
              ElementsAre(R"(a {"id":"a","window_start":"2025-11-24T16:00:00Z",)"
                          R"("window_end":"2025-11-24T16:00:10Z","c":2,"s":0.00,"top":null})",
                          R"(a {"id":"a","window_start":"2025-11-24T16:00:20.001Z",)"
                          R"("window_end":"2025-11-24T16:00:20.001Z","c":1,"s":0.00,"top":null})"));
}

TEST(Steps, AWindowForEachEventOfAllKeysTogether) {
  JobAtWork job(counting("", "{size: 10s, every: event}"), {.partitions = 2});
  job.send("in", R"({"id":"a"})", 10'000, 0);
  job.send("in", R"({"id":"b"})", 15'000, 1);
  job.driver().drain();
  EXPECT_EQ(job.read("out").size(), 3U);
}

TEST(Steps, AWindowTellsEachChangeWhenAsked) {
  JobAtWork job(counting("id", "{size: 1m}", "on_update"));
  job.send("in", R"({"id":"a","m":1})", 0);
  job.send("in", R"({"id":"a","m":2})", 1);
  EXPECT_THAT(job.read("out"), ElementsAre(testing::HasSubstr(R"("c":1,"s":1.00)"),
                                           testing::HasSubstr(R"("c":2,"s":3.00)")));
}

TEST(Steps, AnArgumentThatFailsMakesADeadLetter) {
  JobAtWork job(counting("id", "{size: 1m}"));
  job.send("in", R"({"id":"a","n":9223372036854775807})");
  EXPECT_EQ(job.driver().discarded("process"), 1U);
}

TEST(Steps, LateRecordsGoToTheirTopicAsTheyCame) {
  std::string text = counting("id", "{size: 10s}");
  text.replace(text.find("  dlq: dead\n"), 12, "  dlq: dead\n  late: {topic: too-late}\n");
  JobAtWork job(text);
  job.send("in", R"({"id":"a","n":1})", 60'000);
  job.send("in", R"({"id":"b","n":2})", 0);
  EXPECT_THAT(job.read("too-late"), ElementsAre(R"(b {"id":"b","n":2,"m":null})"));
  EXPECT_EQ(job.driver().discarded("late"), 1U);
  EXPECT_THAT(job.dead(), IsEmpty());
}

TEST(Steps, PipelinesReadPipelinesAndSeveralAtOnce) {
  JobAtWork job(
      "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
      "streams:\n"
      "  as:\n    topic: as\n    fields: {n: int}\n"
      "  bs:\n    topic: bs\n    fields: {n: int}\n"
      "pipelines:\n"
      "  odd:\n    from: [as, bs]\n    steps:\n      - filter: n % 2 == 1\n"
      "  out:\n    from: [odd, bs]\n    steps:\n      - set: {n: n * 2}\n    to: out\n");
  job.send("as", R"({"n":1})");
  job.send("as", R"({"n":2})");
  job.send("bs", R"({"n":3})");
  EXPECT_THAT(job.read("out"), UnorderedElementsAre(R"({"n":2})", R"({"n":6})", R"({"n":6})"));
}

TEST(Steps, ResultsThatCloseGoThroughTheStepThatClosedThem) {
  // The windows of `counts` close while a record of `in` is in step `out.1`.
  JobAtWork job(
      "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
      "streams:\n"
      "  source:\n    topic: in\n    watermark: {delay: 0s, idle: 1m}\n    keyed_by: n\n    "
      "fields: {n: int}\n"
      "pipelines:\n"
      "  plain:\n    from: source\n    steps:\n      - select: {n: n, what: to_string(n)}\n"
      "  counts:\n    from: source\n    steps:\n"
      "      - aggregate:\n          window: {size: 1s}\n          by: n\n"
      "          fields: {c: count()}\n"
      "      - select: {n: n, what: \"concat('count of ', to_string(n), ' in a window')\"}\n"
      "  out:\n    from: [plain, counts]\n    steps:\n"
      "      - set: {what: upper(what)}\n"
      "      - dedupe: {by: what, within: 1m}\n    to: out\n");
  job.send("in", R"({"n":1})", 0);
  job.send("in", R"({"n":2})", 5'000);
  job.driver().drain();
  EXPECT_THAT(job.read("out"),
              UnorderedElementsAre(R"({"n":1,"what":"1"})", R"({"n":2,"what":"2"})",
                                   R"(1 {"n":1,"what":"COUNT OF 1 IN A WINDOW"})",
                                   R"(2 {"n":2,"what":"COUNT OF 2 IN A WINDOW"})"));
}

TEST(Compile, SaysWhatThisVersionDoesNotRun) {
  EXPECT_THROW(JobAtWork(counting("id", "{gap: 10s}", "on_update")), std::runtime_error);
}

}  // namespace
}  // namespace weir::compile
