#include "generate/random.h"

#include <limits>

#include <gmock/gmock.h>

namespace weir::generate {
namespace {

TEST(Random, IsSplitMix64) {
  Random random(1234567);  // The reference values of the algorithm for this seed.
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(Random, DrawsBothEndsOfARangeAndNothingElse) {
  Random random(1);
  bool first = false;
  bool last = false;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t drawn = random.between(-2, 3);
    ASSERT_TRUE(drawn >= -2 && drawn <= 3);
    first = first || drawn == -2;
    last = last || drawn == 3;
  }
  EXPECT_TRUE(first && last);
  EXPECT_EQ(random.between(7, 7), 7);
  random.between(std::numeric_limits<std::int64_t>::min(),
                 std::numeric_limits<std::int64_t>::max());
}

TEST(Random, SkewedNumbersPreferSmallOnes) {
  Random random(1);
  int small = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t drawn = random.skewed(1000);
    ASSERT_TRUE(drawn >= 1 && drawn <= 1000);
    small += drawn <= 10 ? 1 : 0;
  }
  EXPECT_GT(small, 250);  // A tenth of the logarithm's way is a third; evenly it would be ten.
  EXPECT_EQ(random.skewed(1), 1);
}

}  // namespace
}  // namespace weir::generate
