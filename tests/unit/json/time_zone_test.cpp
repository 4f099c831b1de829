// Expected values: Python's zoneinfo with fold=0.
#include <fstream>

#include <gtest/gtest.h>

#include <weir/time_format.h>

namespace weir::time_zone_test {
namespace {

struct Case {
  const char* zone;
  const char* local;
  std::int64_t utc_seconds;
};

std::int64_t utc_seconds(const Case& c) {
  const Result<TimeZone> zone = TimeZone::find(c.zone);
  if (!zone) return -1;
  Timestamp time = 0;
  if (!parse_time(c.local, {.zone = *zone, .unit = EpochUnit::kAuto}, time)) return -2;
  return time / 1000;
}

void expect(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(utc_seconds(c), c.utc_seconds) << c.zone << " " << c.local;
}

TEST(TimeZone, FollowsSummerTime) {
  expect({{"Europe/Berlin", "2025-07-01T12:00:00", 1751364000},
          {"Europe/Berlin", "2025-01-01T12:00:00", 1735729200},
          {"Europe/Dublin", "2025-01-15T12:00:00", 1736942400},
          {"Antarctica/Troll", "2025-06-01T00:00:00", 1748728800},
          {"Asia/Kolkata", "2025-01-01T00:00:00", 1735669800},
          {"Asia/Tehran", "2025-06-01T12:00:00", 1748766600}});
}

TEST(TimeZone, AnHourThatClocksSkipIsAsMuchLater) {
  expect({{"Europe/Berlin", "2025-03-30T01:59:59", 1743296399},
          {"Europe/Berlin", "2025-03-30T02:00:00", 1743296400},
          {"Europe/Berlin", "2025-03-30T02:30:00", 1743298200},
          {"Europe/Berlin", "2025-03-30T03:00:00", 1743296400},
          {"America/New_York", "2025-03-09T02:30:00", 1741505400},
          {"Australia/Lord_Howe", "2025-10-05T02:15:00", 1759592700},
          {"America/Sao_Paulo", "2018-11-04T00:30:00", 1541302200},
          {"America/Nuuk", "2024-03-30T22:30:00", 1711845000},
          {"Pacific/Apia", "2011-12-30T12:00:00", 1325282400}});
}

TEST(TimeZone, AnHourThatComesTwiceIsTheFirst) {
  expect({{"Europe/Berlin", "2025-10-26T01:59:59", 1761436799},
          {"Europe/Berlin", "2025-10-26T02:00:00", 1761436800},
          {"Europe/Berlin", "2025-10-26T02:30:00", 1761438600},
          {"Europe/Berlin", "2025-10-26T02:59:59", 1761440399},
          {"Europe/Berlin", "2025-10-26T03:00:00", 1761444000},
          {"America/New_York", "2025-11-02T01:30:00", 1762061400},
          {"Australia/Lord_Howe", "2025-04-06T01:45:00", 1743864300}});
}

TEST(TimeZone, RulesGoOnForEver) {
  expect({{"America/New_York", "2050-07-04T12:00:00", 2540563200},
          {"America/New_York", "2451-07-04T12:00:00", 15194880000},
          {"America/New_York", "2451-12-04T12:00:00", 15208102800},
          {"Africa/Casablanca", "2026-03-01T12:00:00", 1772366400}});
}

TEST(TimeZone, KnowsTheTimeBeforeZones) {
  expect({{"Europe/Berlin", "1890-01-01T00:00:00", -2524524808},
          {"Africa/Monrovia", "1950-01-01T00:00:00", -631149330}});
}

TEST(TimeZone, MayBeAnOffset) {
  expect({{"UTC", "1970-01-01T00:00:10", 10},
          {"Z", "1970-01-01T00:00:10", 10},
          {"+05:30", "1970-01-01T05:30:10", 10},
          {"-0330", "1969-12-31T20:30:10", 10},
          {"+02", "1970-01-01T02:00:10", 10}});
}

TEST(TimeZone, KnowsItsOffsetAtATime) {
  const Result<TimeZone> berlin = TimeZone::find("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->offset_at(1743296399), 3600);
  EXPECT_EQ(berlin->offset_at(1743296400), 7200);
  EXPECT_EQ(berlin->offset_at(1761440399), 7200);
  EXPECT_EQ(berlin->offset_at(1761440400), 3600);
  EXPECT_EQ(TimeZone::fixed(-60).offset_at(0), -60);
}

std::string error_of(std::string_view name, std::string_view directory = "/usr/share/zoneinfo") {
  const Result<TimeZone> zone = TimeZone::find(name, directory);
  return zone ? "" : zone.error().text;
}

TEST(TimeZone, RefusesNamesThatAreNone) {
  EXPECT_EQ(error_of("Europe/Atlantis"), "unknown time zone 'Europe/Atlantis'");
  EXPECT_EQ(error_of(""), "unknown time zone ''");
  EXPECT_EQ(error_of("../../../etc/passwd"), "unknown time zone '../../../etc/passwd'");
  EXPECT_EQ(error_of("/etc/passwd"), "unknown time zone '/etc/passwd'");
  EXPECT_EQ(error_of("Europe"), "unknown time zone 'Europe'");
  EXPECT_EQ(error_of("+25:00"), "unknown time zone '+25:00'");
  EXPECT_EQ(error_of("+5"), "unknown time zone '+5'");
  EXPECT_EQ(error_of("+05:3"), "unknown time zone '+05:3'");
  EXPECT_EQ(error_of("tzdata", "/nowhere"), "unknown time zone 'tzdata'");
  EXPECT_EQ(error_of("zone_tab", "/nowhere"), "unknown time zone 'zone_tab'");
}

TEST(TimeZone, SaysThatAFileIsDamaged) {
  const std::string path = ::testing::TempDir() + "Damaged";
  std::ofstream(path) << "TZif2 and nothing else";
  EXPECT_EQ(error_of("Damaged", ::testing::TempDir()), "time zone 'Damaged' cannot be read");
}

}  // namespace
}  // namespace weir::time_zone_test
