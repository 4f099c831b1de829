#include "cli/numbers.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

TEST(Numbers, AreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(14402), "14,402");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

TEST(Numbers, ShortFormsFitALine) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.2), "0.2");
  EXPECT_EQ(short_number(312), "312");
  EXPECT_EQ(short_number(12400), "12.4 k");
  EXPECT_EQ(short_number(2.1e6), "2.1 M");
  EXPECT_EQ(bytes_text(1.2e9), "1.2 GB");
  EXPECT_EQ(bytes_text(12), "12 B");
}

TEST(Numbers, TimesAreReadByPeople) {
  EXPECT_EQ(clock_text(134.9), "00:02:14");
  EXPECT_EQ(duration_text(930'000), "15m 30s");
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(90'061'001), "1d 1h 1m 1s 1ms");
}

TEST(Numbers, ATimeThatIsNotGivenChangesNothing) {
  Timestamp time = 7;
  EXPECT_TRUE(read_time_flag("", time));
  EXPECT_EQ(time, 7);
  EXPECT_TRUE(read_time_flag("2025-11-24T16:00:00Z", time));
  EXPECT_EQ(time, 1'764'000'000'000);
  EXPECT_FALSE(read_time_flag("yesterday", time));
}

}  // namespace
}  // namespace weir::cli
