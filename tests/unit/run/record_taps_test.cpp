#include "run/record_taps.h"

#include <gmock/gmock.h>

#include "unit/compile/job_at_work.h"

namespace weir::run {
namespace {

using compile::JobAtWork;
using compile::Key;
using compile::Row;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecordTapsTest : public ::testing::Test {
 protected:
  RecordTapsTest()
      : job_(
            compile::small_job("{id: string, amount: decimal(2)}", "      - filter: amount > 1\n")),
        steps_(job_.plan(), job_.topology(), {{"out", "out"}}),
        taps_(steps_, [this](std::shared_ptr<RecordWatcher> now) { watcher_ = std::move(now); }) {}

  // A record leaves the step's first way in or out.
  void pass(const JobStep::Way& way, const std::string& id, int cents) {
    const Key key(id);
    Row row;
    row.values = {JsonValue::string(id), JsonValue::decimal(cents, 2)};
    const Record<Key, Row> record(key, row, compile::kStart);
    if (!watcher_ || !watcher_->wants(way.stage, way.output)) return;
    watcher_->on_record(way.stage, way.output, typeid(record), &record);
  }
  const JobStep& filter() { return *steps_.find("out.1"); }

  JobAtWork job_;
  JobSteps steps_;
  std::shared_ptr<RecordWatcher> watcher_;
  RecordTaps taps_;
};

TEST_F(RecordTapsTest, ShowsWhatGoesInAndWhatComesOut) {
  const auto id = taps_.open("out.1", {}, 0);
  ASSERT_TRUE(id) << id.error().text;
  pass(filter().ways_in[0], "ann", 150);
  pass(filter().ways_out[0], "ann", 150);
  const auto harvest = taps_.fetch(*id, 0);
  ASSERT_TRUE(harvest);
  EXPECT_EQ(harvest->seen, 2U);
  EXPECT_EQ(harvest->unseen, 0U);
  EXPECT_THAT(harvest->records,
              ElementsAre(R"({"side":"in","time":"2025-11-24T16:00:00Z","key":"ann",)"
                          R"("value":{"id":"ann","amount":1.50}})",
                          HasSubstr(R"("side":"out")")));
  EXPECT_THAT(taps_.fetch(*id, 0)->records, IsEmpty());
}

TEST_F(RecordTapsTest, OneSideAlone) {
  const auto id = taps_.open("out.1", {.in = false}, 0);
  pass(filter().ways_in[0], "ann", 150);
  pass(filter().ways_out[0], "ann", 150);
  EXPECT_THAT(taps_.fetch(*id, 0)->records, ElementsAre(HasSubstr(R"("side":"out")")));
}

// The cost is bounded: so many a second are looked at, the rest are counted.
TEST_F(RecordTapsTest, NoMoreThanTheRateAreLookedAt) {
  const auto id = taps_.open("out.1", {.rate = 50}, 0);
  for (int i = 0; i < 1000; ++i) pass(filter().ways_in[0], "ann", i);
  const auto harvest = taps_.fetch(*id, 0);
  EXPECT_EQ(harvest->seen, 1000U);
  EXPECT_GE(harvest->records.size(), 50U);
  EXPECT_LE(harvest->records.size(), 55U);  // Some more when the machine is slow.
  EXPECT_EQ(harvest->unseen, 1000U - harvest->records.size());
}

TEST_F(RecordTapsTest, LongRecordsAreNamedAndManyAreBounded) {
  const auto id = taps_.open("out.1", {.rate = 10'000}, 0);
  pass(filter().ways_in[0], std::string(20'000, 'x'), 1);
  auto harvest = taps_.fetch(*id, 0);
  ASSERT_THAT(harvest->records, SizeIs(1));
  EXPECT_THAT(harvest->records[0], HasSubstr(R"("value":null,"too_long":20)"));
  for (int i = 0; i < 1000; ++i) pass(filter().ways_in[0], std::string(10'000, 'x'), 1);
  harvest = taps_.fetch(*id, 0);
  EXPECT_LT(harvest->records.size(), 60U);  // A megabyte; the key stands in each twice.
  EXPECT_EQ(harvest->seen, 1000U);
}

TEST_F(RecordTapsTest, NobodyPaysWhenNobodyLooks) {
  const auto id = taps_.open("out.1", {}, 0);
  EXPECT_NE(watcher_, nullptr);
  taps_.close(*id);
  EXPECT_EQ(watcher_, nullptr);
}

TEST_F(RecordTapsTest, ATapThatIsForgottenIsTakenOff) {
  const auto id = taps_.open("out.1", {}, 0);
  taps_.tidy(RecordTaps::kForgottenMs);
  EXPECT_NE(watcher_, nullptr);
  taps_.tidy(RecordTaps::kForgottenMs + 1);
  EXPECT_EQ(watcher_, nullptr);
  EXPECT_FALSE(taps_.fetch(*id, 0));
}

TEST_F(RecordTapsTest, MistakesAreNamed) {
  const auto wrong = taps_.open("out.2", {}, 0);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text, "there is no step 'out.2'");
  EXPECT_FALSE(taps_.open("source", {.out = false}, 0));  // Nothing goes into a stream.
  EXPECT_FALSE(taps_.open("out.1", {.rate = 0}, 0));
  for (std::size_t i = 0; i < RecordTaps::kTapsMax; ++i) EXPECT_TRUE(taps_.open("out.1", {}, 0));
  EXPECT_THAT(taps_.open("out.1", {}, 0).error().text, HasSubstr("4 taps already"));
}

}  // namespace
}  // namespace weir::run
