#include <gtest/gtest.h>

#include "json/calendar.h"
#include "json/zone_rules.h"

namespace weir::json {
namespace {

std::int64_t seconds(int year, int month, int day, int hour) {
  return days_from_civil({year, month, day}) * kSecondsPerDay + hour * 3600;
}

// When clocks change in `year` and to what, as "seconds:offset".
std::vector<std::pair<std::int64_t, int>> changes_in(int year, const std::string& rule) {
  ZoneRules rules;
  EXPECT_TRUE(append_posix_rule(rule, rules)) << rule;
  std::vector<std::pair<std::int64_t, int>> found;
  for (const ZoneChange& change : rules.changes) {
    if (change.at >= seconds(year, 1, 1, 0) && change.at < seconds(year + 1, 1, 1, 0)) {
      found.emplace_back(change.at, change.offset);
    }
  }
  return found;
}

using Changes = std::vector<std::pair<std::int64_t, int>>;

TEST(PosixRule, LastSundays) {
  EXPECT_EQ(changes_in(2025, "CET-1CEST,M3.5.0,M10.5.0/3"),
            (Changes{{seconds(2025, 3, 30, 1), 7200}, {seconds(2025, 10, 26, 1), 3600}}));
}

TEST(PosixRule, CountedSundaysWestOfGreenwich) {
  EXPECT_EQ(changes_in(2025, "EST5EDT,M3.2.0,M11.1.0"),
            (Changes{{seconds(2025, 3, 9, 7), -4 * 3600}, {seconds(2025, 11, 2, 6), -5 * 3600}}));
}

TEST(PosixRule, TheSouthernHalf) {
  EXPECT_EQ(changes_in(2025, "AEST-10AEDT,M10.1.0,M4.1.0/3"),
            (Changes{{seconds(2025, 4, 5, 16), 10 * 3600}, {seconds(2025, 10, 4, 16), 11 * 3600}}));
}

TEST(PosixRule, OffsetsNamesAndClocksOfEveryForm) {
  // Lord Howe moves by half an hour; its names are offsets.
  EXPECT_EQ(changes_in(2025, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
            (Changes{{seconds(2025, 4, 5, 15), 37800}, {seconds(2025, 10, 4, 15) + 1800, 39600}}));
  // Nuuk changes on the evening before: a negative clock.
  EXPECT_EQ(changes_in(2025, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
            (Changes{{seconds(2025, 3, 30, 1), -3600}, {seconds(2025, 10, 26, 1), -7200}}));
}

TEST(PosixRule, DaysOfTheYear) {
  EXPECT_EQ(changes_in(2024, "A0B,J60/0,J365/0")[0].first, seconds(2024, 3, 1, 0));
  EXPECT_EQ(changes_in(2025, "A0B,J60/0,J365/0")[0].first, seconds(2025, 3, 1, 0));
  EXPECT_EQ(changes_in(2024, "A0B,59/0,364/0")[0].first, seconds(2024, 2, 29, 0));
  EXPECT_EQ(changes_in(2025, "A0B,59/0,364/0")[0].first, seconds(2025, 3, 1, 0));
}

TEST(PosixRule, WithoutSummerTimeIsAnOffset) {
  ZoneRules rules;
  ASSERT_TRUE(append_posix_rule("IST-5:30", rules));
  EXPECT_TRUE(rules.changes.empty());
  EXPECT_EQ(rules.first_offset, 19800);
}

TEST(PosixRule, FollowsWhatIsKnown) {
  ZoneRules rules;
  rules.changes.push_back({seconds(2025, 3, 30, 1), 7200});
  ASSERT_TRUE(append_posix_rule("CET-1CEST,M3.5.0,M10.5.0/3", rules));
  EXPECT_EQ(rules.changes[1].at, seconds(2025, 10, 26, 1));
  EXPECT_TRUE(rules.repeats);
}

TEST(PosixRule, FollowsTheBeginningOfTimeButNotItsEnd) {
  ZoneRules rules;
  rules.changes.push_back({-(std::int64_t{1} << 59), 0});
  EXPECT_TRUE(append_posix_rule("CET-1CEST,M3.5.0,M10.5.0/3", rules));
  rules.changes.assign(1, {std::int64_t{1} << 59, 0});
  EXPECT_FALSE(append_posix_rule("CET-1CEST,M3.5.0,M10.5.0/3", rules));
}

TEST(PosixRule, RefusesDamage) {
  for (const char* bad : {"",
                          "CET",
                          "CET-",
                          "1",
                          "CET-1CEST",
                          "CET-1CEST,M3.5.0",
                          "CET-1CEST,M13.5.0,M10.5.0",
                          "CET-1CEST,M0.5.0,M10.5.0",
                          "CET-1CEST,M3.6.0,M10.5.0",
                          "CET-1CEST,M3.0.0,M10.5.0",
                          "CET-1CEST,M3.5.7,M10.5.0",
                          "CET-1CEST,M3.5,M10.5.0",
                          "CET-1CEST,M3.5.0,M10.5.0/",
                          "CET-1CEST,M3.5.0,M10.5.0 ",
                          "CET-1CEST,366,5",
                          "CET-1CEST,J,5",
                          "<CET-1",
                          "CET-168",
                          "CET-1:60",
                          "CET-1CEST,M3.5.0,M10.5.0,5",
                          "CET-1CEST-"}) {
    ZoneRules rules;
    EXPECT_FALSE(append_posix_rule(bad, rules)) << bad;
    EXPECT_TRUE(rules.changes.empty());
  }
}

}  // namespace
}  // namespace weir::json
