#include <random>

#include <gtest/gtest.h>

#include "json/calendar.h"
#include <weir/time_format.h>

namespace weir {
namespace {

std::optional<Timestamp> parsed(std::string_view text, const TimeReading& reading = {}) {
  Timestamp time = 0;
  if (!parse_time(text, reading, time)) return std::nullopt;
  return time;
}

std::string text_of(Timestamp time) {
  std::string out;
  if (!append_time_text(out, time)) out += "none";
  return out;
}

constexpr Timestamp kTen = 1763981400000;  // 2025-11-24T10:50:00Z

TEST(ParseTime, ReadsTheFormsOfTheProducers) {
  EXPECT_EQ(parsed("2025-11-24T10:50:00"), kTen);
  EXPECT_EQ(parsed("2025-11-24T10:50:00.250"), kTen + 250);
  EXPECT_EQ(parsed("2025-11-24T10:50:00.250999"), kTen + 250);
  EXPECT_EQ(parsed("2025-11-24T10:50:00Z"), kTen);
  EXPECT_EQ(parsed("2025-11-24T10:50:00.123456+00:00"), kTen + 123);
  EXPECT_EQ(parsed("2025-11-24 10:50:00"), kTen);
  EXPECT_EQ(parsed("1763981400"), kTen);
  EXPECT_EQ(parsed("1763981400.123456"), kTen + 123);
  EXPECT_EQ(parsed("1763981400123"), kTen + 123);
  EXPECT_EQ(parsed("1763981400123456"), kTen + 123);
}

TEST(ParseTime, ReadsOffsets) {
  EXPECT_EQ(parsed("2025-11-24T11:50:00+01:00"), kTen);
  EXPECT_EQ(parsed("2025-11-24T05:20:00-05:30"), kTen);
  EXPECT_EQ(parsed("2025-11-24T11:50:00+0100"), kTen);
  EXPECT_EQ(parsed("2025-11-24 11:50:00.5+01"), kTen + 500);
  EXPECT_EQ(parsed("2025-11-24t10:50z"), kTen);
  EXPECT_EQ(parsed("2025-11-25T10:49:00+23:59"), kTen);
  EXPECT_EQ(parsed("2025-11-24T10:50:00-00:00"), kTen);
}

TEST(ParseTime, ReadsShorterForms) {
  EXPECT_EQ(parsed("2025-11-24T10:50"), kTen);
  EXPECT_EQ(parsed("2025-11-24"), kTen - (10 * 60 + 50) * 60'000);
}

TEST(ParseTime, CutsFractionsTowardsThePast) {
  EXPECT_EQ(parsed("2025-11-24T10:50:00.2"), kTen + 200);
  EXPECT_EQ(parsed("2025-11-24T10:50:00.02"), kTen + 20);
  EXPECT_EQ(parsed("2025-11-24T10:50:00.0019999999999999999999999"), kTen + 1);
  EXPECT_EQ(parsed("1969-12-31T23:59:59.9999"), -1);
  EXPECT_EQ(parsed("-0.0001", {.zone = {}, .unit = EpochUnit::kSeconds}), -1);
  EXPECT_EQ(parsed("-1", {.zone = {}, .unit = EpochUnit::kMicros}), -1);
  EXPECT_EQ(parsed("1999", {.zone = {}, .unit = EpochUnit::kMicros}), 1);
}

TEST(ParseTime, KnowsTheCalendar) {
  EXPECT_EQ(parsed("0001-01-01"), kTimeTextFirst);
  EXPECT_EQ(parsed("9999-12-31T23:59:59.999"), kTimeTextLast);
  EXPECT_EQ(parsed("2000-02-29"), 951782400000);
  EXPECT_EQ(parsed("1900-03-01"), -2203891200000);
  EXPECT_EQ(parsed("2024-02-29T23:59:59"), 1709251199000);
  EXPECT_EQ(parsed("1970-01-01"), 0);
}

TEST(ParseTime, RefusesTimesThatDoNotExist) {
  for (const char* bad :
       {"2025-02-29", "1900-02-29", "2025-04-31", "2025-13-01", "2025-00-01", "2025-01-00",
        "0000-01-01", "2025-01-01T24:00:00", "2025-01-01T23:60:00", "2025-01-01T23:59:60",
        "2016-12-31T23:59:60Z", "2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00+01:60",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_EQ(parsed(bad), std::nullopt) << bad;
  }
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* bad : {"",
                          " ",
                          "now",
                          "2025",
                          "-",
                          "2025-1-1",
                          "25-01-01",
                          "2025/01/01",
                          "20250101T000000",
                          "2025-01-01T",
                          "2025-01-01T1",
                          "2025-01-01T10:5",
                          "2025-01-01T10:50:",
                          "2025-01-01T10:50:0",
                          "2025-01-01T10:50:00.",
                          "2025-01-01T10:50:00.Z",
                          "2025-01-01T10:50:00,5",
                          "2025-01-01T10:50:00 Z",
                          "2025-01-01T10:50:00+",
                          "2025-01-01T10:50:00+1",
                          "2025-01-01T10:50:00+01:",
                          "2025-01-01T10:50:00+01:0",
                          "2025-01-01T10:50:00+010",
                          "2025-01-01T10:50:00+01:00x",
                          "2025-01-01T10:50:00ZZ",
                          " 2025-01-01",
                          "2025-01-01 ",
                          "2025-01-01T10:50:00[Europe/Berlin]",
                          "2025-W01-1",
                          "1e",
                          "NaN",
                          "1 763981400",
                          "+5",
                          "\xef\xbc\x91",
                          "12:00:00"}) {
    // "2025" alone is a number: seconds.
    if (std::string_view(bad) == "2025") continue;
    EXPECT_EQ(parsed(bad), std::nullopt) << bad;
  }
  Timestamp untouched = 42;
  EXPECT_FALSE(parse_time("x", {}, untouched));
  EXPECT_FALSE(parse_time("1e30", {}, untouched));
  EXPECT_EQ(untouched, 42);
}

TEST(ParseTime, TellsTheUnitOfANumberByItsSize) {
  EXPECT_EQ(parsed("2025"), 2025000);
  EXPECT_EQ(parsed("99999999999"), 99999999999000);
  EXPECT_EQ(parsed("100000000000"), 100000000000);
  EXPECT_EQ(parsed("99999999999999"), 99999999999999);
  EXPECT_EQ(parsed("100000000000000"), 100000000000);
  EXPECT_EQ(parsed("-62135596800"), kTimeTextFirst);
  EXPECT_EQ(parsed("1.7639814e9"), kTen);
  EXPECT_EQ(parsed("1763981400123456789"), std::nullopt);  // Nanoseconds are no form of ours.
  EXPECT_EQ(parsed("1e400"), std::nullopt);
}

TEST(ParseTime, AGivenUnitIsNotGuessed) {
  EXPECT_EQ(parsed("5", {.zone = {}, .unit = EpochUnit::kMillis}), 5);
  EXPECT_EQ(parsed("5.9", {.zone = {}, .unit = EpochUnit::kMillis}), 5);
  EXPECT_EQ(parsed("5", {.zone = {}, .unit = EpochUnit::kSeconds}), 5000);
  EXPECT_EQ(parsed("5000", {.zone = {}, .unit = EpochUnit::kMicros}), 5);
  EXPECT_EQ(parsed("1763981400000", {.zone = {}, .unit = EpochUnit::kSeconds}), std::nullopt);
  EXPECT_EQ(parsed("2025-11-24T10:50:00Z", {.zone = {}, .unit = EpochUnit::kMicros}), kTen);
}

TEST(ParseTime, TheZoneIsForTextWithoutAnOffset) {
  const TimeReading reading{.zone = TimeZone::fixed(3600), .unit = EpochUnit::kAuto};
  EXPECT_EQ(parsed("2025-11-24T11:50:00", reading), kTen);
  EXPECT_EQ(parsed("2025-11-24T10:50:00Z", reading), kTen);
  EXPECT_EQ(parsed("1763981400", reading), kTen);
}

TEST(TimeText, HasMillisecondsOnlyWhenTheyAreNotZero) {
  EXPECT_EQ(text_of(kTen), "2025-11-24T10:50:00Z");
  EXPECT_EQ(text_of(kTen + 250), "2025-11-24T10:50:00.250Z");
  EXPECT_EQ(text_of(kTen + 7), "2025-11-24T10:50:00.007Z");
  EXPECT_EQ(text_of(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text_of(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text_of(kTimeTextFirst), "0001-01-01T00:00:00Z");
  EXPECT_EQ(text_of(kTimeTextLast), "9999-12-31T23:59:59.999Z");
}

TEST(TimeText, IsThereForTheYearsOneTo9999) {
  EXPECT_EQ(text_of(kTimeTextFirst - 1), "none");
  EXPECT_EQ(text_of(kTimeTextLast + 1), "none");
  EXPECT_EQ(text_of(kNoTime), "none");
  EXPECT_EQ(text_of(kEndOfTime), "none");
}

TEST(TimeText, ReadsBackTheSame) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<Timestamp> any(kTimeTextFirst, kTimeTextLast);
  for (int i = 0; i < 50000; ++i) {
    const Timestamp time = any(random);
    ASSERT_EQ(parsed(text_of(time)), time);
  }
}

// Every day of the calendar follows the one before.
TEST(Calendar, CountsDayByDay) {
  json::CivilDate date{1, 1, 1};
  for (std::int64_t day = kTimeTextFirst / 86'400'000; day <= kTimeTextLast / 86'400'000; ++day) {
    ASSERT_EQ(json::days_from_civil(date), day);
    const json::CivilDate back = json::civil_from_days(day);
    ASSERT_TRUE(back.year == date.year && back.month == date.month && back.day == date.day);
    if (++date.day <= json::days_in_month(date.year, date.month)) continue;
    date.day = 1;
    if (++date.month <= 12) continue;
    date.month = 1;
    ++date.year;
  }
  EXPECT_EQ(date.year, 10000);
  EXPECT_EQ(json::weekday(0), 4);  // 1970-01-01 was a Thursday.
  EXPECT_EQ(json::weekday(-5), 6);
}

}  // namespace
}  // namespace weir
