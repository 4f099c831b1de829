#include "engine/dead_letter_limit.h"

#include <gmock/gmock.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;

DeadLetterLimit five_percent() { return {.share = 0.05, .over = 60s, .records_min = 100}; }

TEST(DeadLetterJudge, WithoutALimitAnythingGoes) {
  DeadLetterJudge judge({});
  EXPECT_FALSE(judge.judge(0, 1000, 1000));
}

TEST(DeadLetterJudge, ExactlyTheShareIsAllowed) {
  DeadLetterJudge judge(five_percent());
  EXPECT_FALSE(judge.judge(0, 1000, 50));
  const auto why = judge.judge(100, 1000, 51);
  ASSERT_TRUE(why);
  EXPECT_EQ(*why, "too many dead letters: 51 of the last 1000 records, 5.1 %; the job allows 5 %");
}

TEST(DeadLetterJudge, AFewRecordsAreNoProof) {
  DeadLetterJudge judge(five_percent());
  EXPECT_FALSE(judge.judge(0, 99, 99));
  EXPECT_TRUE(judge.judge(100, 100, 100));
}

TEST(DeadLetterJudge, OnlyTheLastSpanCounts) {
  DeadLetterJudge judge(five_percent());
  EXPECT_FALSE(judge.judge(0, 100'000, 100));
  // A tenth of what came since: together with the many before it would be little.
  EXPECT_TRUE(judge.judge(70'000, 101'000, 200));
}

}  // namespace
}  // namespace weir::engine
