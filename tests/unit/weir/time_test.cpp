#include <gtest/gtest.h>

#include <weir/time.h>

namespace weir::time_test {
namespace {

using std::chrono_literals::operator""s;

constexpr Timestamp kFirst = kNoTime + 1;  // Of the times that are times.
constexpr Timestamp kLast = kEndOfTime - 1;

TEST(Time, MovesByMilliseconds) {
  EXPECT_EQ(later(1000, 5), 1005);
  EXPECT_EQ(later(1000, -1500), -500);
  EXPECT_EQ(later(1000, 2s), 3000);
  EXPECT_EQ(earlier(1000, 2s), -1000);
  static_assert(later(1, 1) == 2);
}

TEST(Time, NeitherEndMovesWhateverIsAdded) {
  for (const std::int64_t by : {std::int64_t{-1}, std::int64_t{1}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(later(kNoTime, by), kNoTime);
    EXPECT_EQ(later(kEndOfTime, by), kEndOfTime);
  }
}

TEST(Time, StaysInRange) {
  EXPECT_EQ(later(kLast, 1), kEndOfTime);
  EXPECT_EQ(later(kLast, INT64_MAX), kEndOfTime);
  EXPECT_EQ(later(kFirst, -1), kNoTime);
  EXPECT_EQ(later(kFirst, INT64_MIN), kNoTime);
  EXPECT_EQ(later(-1, INT64_MIN), kNoTime);
  EXPECT_EQ(later(1, INT64_MAX), kEndOfTime);
  EXPECT_EQ(later(0, INT64_MAX), INT64_MAX);
  EXPECT_EQ(later(kLast, -1), kLast - 1);
}

TEST(Time, WindowedKeysAreOrderedByKeyThenWindow) {
  using W = Windowed<int>;
  EXPECT_LT((W{1, {50, 60}}), (W{2, {0, 10}}));
  EXPECT_LT((W{1, {0, 10}}), (W{1, {5, 6}}));
  EXPECT_LT((W{1, {0, 10}}), (W{1, {0, 11}}));
  EXPECT_EQ((W{1, {0, 10}}), (W{1, {0, 10}}));
}

}  // namespace
}  // namespace weir::time_test
