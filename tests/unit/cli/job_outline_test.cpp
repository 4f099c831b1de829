#include "cli/job_outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/load.h"

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

std::string outline(const std::string& text) {
  const job::Source source("job.yaml", text);
  job::Diagnostics found(source);
  job::LoadOptions options;
  options.outside.environment = [](const std::string&) { return std::nullopt; };
  const job::Loaded loaded = job::load_job(found, options);
  EXPECT_TRUE(loaded.plan);
  return loaded.plan ? job_outline(*loaded.plan) : "";
}

TEST(JobOutline, SaysWhatWasWrittenAndWhatFollows) {
  EXPECT_EQ(outline(R"(weir: 1
job: totals
streams:
  orders:
    topic: orders.v1
    time: at
    fields: {id: string, user: string or null, amount: decimal(2), at: time}
pipelines:
  per_user:
    from: orders
    steps:
      - filter: amount > 10
      - dedupe: {by: id, within: 1h}
      - aggregate: {by: user, window: {size: 10s, every: 5s}, fields: {total: sum(amount)}}
      - set: {half: total / 2}
    to: {topic: totals, key: user}
)"),
            "stream orders\n"
            "  topic         orders.v1\n"
            "  keyed by      not said\n"
            "  time          at, delay 30s, idle after 1m\n"
            "pipeline per_user\n"
            "  from          orders\n"
            "  1 filter      amount > 10\n"
            "  2 dedupe      by id, within 1h\n"
            "                repartitions its records\n"
            "                keeps per_user.dedupe\n"
            "  3 aggregate   by user, windows of 10s every 5s, delay 30s, when closed\n"
            "                repartitions its records\n"
            "                keeps per_user.aggregate\n"
            "  4 set         half = total / 2\n"
            "  gives         user string or null, window_start time, window_end time, "
            "total decimal(2), half decimal(4)\n"
            "  to            topic totals, key user\n");
}

TEST(JobOutline, KnowsJoinsAndRoutes) {
  const std::string text = outline(R"(weir: 1
job: pairs
streams:
  a: {topic: a, keyed_by: id, fields: {id: string}}
  b: {topic: b, watermark: {delay: 1m, idle: never}, fields: {id: string, x: int}}
pipelines:
  pairs:
    from: a
    steps:
      - join: {with: b, as: b, by: id, within: {before: 0s, after: 15m}, type: left}
    route:
      - when: b.x > 1
        to: {topic: big}
      - otherwise: {topic: rest}
)");
  EXPECT_THAT(text, HasSubstr("stream a\n  topic         a\n  keyed by      id\n"));
  EXPECT_THAT(text, HasSubstr("of the record, delay 1m, idle never\n"));
  EXPECT_THAT(text, HasSubstr("  1 join        left, with b, by id, within 0s before to 15m after, "
                              "delay 1m\n                repartitions the other side\n"
                              "                keeps pairs.join\n"));
  EXPECT_THAT(text, HasSubstr("  when          b.x > 1\n    to          topic big\n"
                              "  when          otherwise\n    to          topic rest\n"));
}

}  // namespace
}  // namespace weir::cli
