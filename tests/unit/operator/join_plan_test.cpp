#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/detail/join_plan.h>

namespace weir::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(JoinPlan, ARowWaitsAsLongAsItsSideLooksAheadPlusGrace) {
  const JoinPlan plan({.before = 5s, .after = 20s, .grace = 3s}, JoinKind::outer);
  EXPECT_EQ(plan.left.wait_ms, 23'000);
  EXPECT_EQ(plan.right.wait_ms, 8'000);
  EXPECT_TRUE(plan.left.comes_out);
  EXPECT_TRUE(plan.right.comes_out);
  EXPECT_GE(plan.keep.count(), 28'000);
}

TEST(JoinPlan, WithinLooksBothWays) {
  const JoinPlan plan({.within = 10s}, JoinKind::left);
  EXPECT_EQ(plan.before_ms, 10'000);
  EXPECT_EQ(plan.after_ms, 10'000);
  EXPECT_TRUE(plan.left.comes_out);
  EXPECT_FALSE(plan.right.comes_out);
}

TEST(JoinPlan, AnInnerJoinShowsNobodyWithoutPartner) {
  const JoinPlan plan({.within = 10s}, JoinKind::inner);
  EXPECT_FALSE(plan.left.comes_out);
  EXPECT_FALSE(plan.right.comes_out);
}

TEST(JoinPlan, SaysItsOptionsInWords) {
  EXPECT_EQ(in_words(JoinOptions{.within = 90s, .grace = 1s}, JoinKind::inner),
            "inner, within 1m30s, grace 1s");
  EXPECT_EQ(in_words(JoinOptions{.before = 0s, .after = 1min}, JoinKind::left),
            "left, before 0s, after 1m, grace 0s");
  EXPECT_EQ(in_words(MatchOptions{.within = 15min, .delay = 30s}),
            "once, within 15m, delay 30s, remember 1h");
  EXPECT_EQ(in_words(DeduplicateOptions{.within = 24h}), "within 1d");
}

TEST(JoinPlan, RepeatsAreRecognisedForAnHourOrTheLimit) {
  EXPECT_EQ(remembers({.within = 15min}), Duration(1h));
  EXPECT_EQ(remembers({.within = 3h}), Duration(3h));
  EXPECT_EQ(remembers({.within = 3h, .remember = 10min}), Duration(10min));
}

TEST(JoinPlan, WrongOptionsAreNamed) {
  EXPECT_THAT(wrong_with("j", JoinOptions{}), HasSubstr("'j': how far apart"));
  EXPECT_THAT(wrong_with("j", JoinOptions{.within = 1s, .after = 1s}), HasSubstr("not both"));
  EXPECT_THAT(wrong_with("j", JoinOptions{.within = -1s}),
              HasSubstr("'within' cannot be negative"));
  EXPECT_THAT(wrong_with("j", JoinOptions{.within = 1s, .grace = -1s}), HasSubstr("'grace'"));
  EXPECT_THAT(wrong_with("j", JoinOptions{.within = Duration::max()}), HasSubstr("over a century"));
  EXPECT_THAT(wrong_with("m", MatchOptions{}), HasSubstr("'within' must be above zero"));
  EXPECT_THAT(wrong_with("m", MatchOptions{.within = 1s, .delay = -1s}), HasSubstr("'delay'"));
  EXPECT_THAT(wrong_with("d", DeduplicateOptions{}), HasSubstr("above zero"));
  EXPECT_EQ(wrong_with("j", JoinOptions{.before = 0s, .after = 1min}), "");
  EXPECT_EQ(wrong_with("m", MatchOptions{.within = 1s}), "");
  EXPECT_EQ(wrong_with("d", DeduplicateOptions{.within = 1s}), "");
}

}  // namespace
}  // namespace weir::detail
