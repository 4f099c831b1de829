#include "sink/retry_clock.h"

#include <thread>

#include <gmock/gmock.h>

namespace weir::sink::retry_clock_test {
namespace {

using What = SinkAnswer::What;

TEST(RetryClock, RestsLongerAfterEachFailureAndNotAfterASuccess) {
  RetryClock clock({Duration(60'000), Duration(20), Duration(60'000)});
  EXPECT_FALSE(clock.resting());
  const SinkAnswer first = clock.failed("away");
  EXPECT_EQ(first.what, What::again);
  EXPECT_EQ(first.why, "away");
  EXPECT_TRUE(clock.resting());
  EXPECT_EQ(clock.waiting().why, "away");
  std::this_thread::sleep_for(Duration(25));
  EXPECT_FALSE(clock.resting());
  (void)clock.failed("still away");
  std::this_thread::sleep_for(Duration(25));
  EXPECT_TRUE(clock.resting());  // 40 ms now.
  clock.succeeded();
  EXPECT_FALSE(clock.resting());
  (void)clock.failed("away again");
  std::this_thread::sleep_for(Duration(25));
  EXPECT_FALSE(clock.resting());
}

TEST(RetryClock, GivesUpWhenItHasLastedTooLong) {
  RetryClock clock({Duration(30), Duration(1), Duration(1)});
  EXPECT_EQ(clock.failed("away").what, What::again);
  std::this_thread::sleep_for(Duration(35));
  const SinkAnswer answer = clock.failed("away");
  EXPECT_EQ(answer.what, What::never);
  EXPECT_EQ(answer.why, "away; given up after 0 s");
}

TEST(RetryClock, GivesUpAServerThatAnswersAndDoesNothing) {
  RetryClock clock({Duration(60), Duration(20'000), Duration(20'000)}, Duration(1000));
  SinkAnswer answer = clock.failed("no");
  for (int tries = 0; tries < 100 && answer.what == What::again; ++tries) {
    EXPECT_TRUE(clock.resting());
    clock.answered();
    EXPECT_FALSE(clock.resting());
    std::this_thread::sleep_for(Duration(5));
    answer = clock.failed("no");
  }
  EXPECT_EQ(answer.what, What::never);
}

TEST(RetryClock, BeginsAnewWithAServerThatHasBeenThereForLong) {
  RetryClock clock({Duration(40), Duration(1), Duration(1)}, Duration(50));
  EXPECT_EQ(clock.failed("away").what, What::again);
  clock.answered();
  std::this_thread::sleep_for(Duration(60));
  EXPECT_EQ(clock.failed("away again").what, What::again);
}

}  // namespace
}  // namespace weir::sink::retry_clock_test
