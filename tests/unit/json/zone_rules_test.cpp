#include "json/zone_rules.h"

#include <gtest/gtest.h>

#include "json/calendar.h"

namespace weir::json {
namespace {

void append_big_endian(std::string& out, std::int64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

struct Change {
  std::int64_t at;
  int type;
};

// A block of a zone file with its header: offsets are the types.
std::string block(char version, int width, const std::vector<Change>& changes,
                  const std::vector<std::int32_t>& offsets) {
  std::string out = "TZif";
  out.push_back(version);
  out.append(15, '\0');
  for (const std::size_t count : {std::size_t{0}, std::size_t{0}, std::size_t{0}, changes.size(),
                                  offsets.size(), std::size_t{4}}) {
    append_big_endian(out, static_cast<std::int64_t>(count), 4);
  }
  for (const Change& change : changes) append_big_endian(out, change.at, width);
  for (const Change& change : changes) out.push_back(static_cast<char>(change.type));
  for (const std::int32_t offset : offsets) {
    append_big_endian(out, offset, 4);
    out.append(2, '\0');
  }
  return out + std::string("UTC\0", 4);
}

std::string file(const std::vector<Change>& changes, const std::vector<std::int32_t>& offsets,
                 const std::string& rule) {
  return block('2', 4, {}, {0}) + block('2', 8, changes, offsets) + "\n" + rule + "\n";
}

TEST(ZoneFile, ReadsTheOldForm) {
  const auto rules = read_zone_file(block('\0', 4, {{-100, 1}, {1000, 0}}, {3600, 7200}));
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->offset_at(-101), 3600);
  EXPECT_EQ(rules->offset_at(-100), 7200);
  EXPECT_EQ(rules->offset_at(999), 7200);
  EXPECT_EQ(rules->offset_at(1000), 3600);
  EXPECT_FALSE(rules->repeats);
}

TEST(ZoneFile, ReadsTheNewFormWithItsRule) {
  const auto rules = read_zone_file(file({{1000, 1}}, {0, 60}, "AAA-1"));
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->offset_at(999), 0);
  EXPECT_EQ(rules->offset_at(5'000'000'000), 60);
  const auto without = read_zone_file(file({}, {0}, "AAA-1"));
  ASSERT_TRUE(without);
  EXPECT_EQ(without->offset_at(0), 3600);
  EXPECT_TRUE(read_zone_file(file({{1000, 1}}, {0, 60}, "")));
}

TEST(ZoneFile, RefusesDamage) {
  const std::string good = file({{1000, 1}, {2000, 0}}, {0, 60}, "AAA-1BBB,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(read_zone_file(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_zone_file(std::string_view(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_zone_file(file({{1000, 2}}, {0, 60}, "")));             // No such type.
  EXPECT_FALSE(read_zone_file(file({{1000, 1}, {1000, 0}}, {0, 60}, "")));  // Not in order.
  EXPECT_FALSE(read_zone_file(file({{1000, 1}}, {0, 100 * 3600}, "")));     // No such offset.
  EXPECT_FALSE(read_zone_file(file({}, {}, "")));
  EXPECT_FALSE(read_zone_file(file({}, {0}, "nonsense")));
}

TEST(ZoneFile, SurvivesEveryDamagedByte) {
  const std::string good = file({{1000, 1}, {2000, 0}}, {0, 60}, "AAA-1BBB,M3.5.0,M10.5.0/3");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int byte : {0, 1, 127, 128, 255}) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(byte);
      if (const auto rules = read_zone_file(damaged)) {
        (void)rules->to_utc(1500);
        (void)rules->offset_at(std::int64_t{1} << 40);
      }
    }
  }
}

// Between two changes the local clock and UTC differ by the offset; around them the first counts.
TEST(ZoneRules, TurnLocalTimeIntoUtc) {
  const ZoneRules rules{
      .first_offset = 0, .changes = {{100'000, 3600}, {200'000, 0}}, .repeats = false};
  EXPECT_EQ(rules.to_utc(99'999), 99'999);
  EXPECT_EQ(rules.to_utc(100'000), 100'000);  // Skipped: from 100,000 to 103,600.
  EXPECT_EQ(rules.to_utc(103'599), 103'599);
  EXPECT_EQ(rules.to_utc(103'600), 100'000);
  EXPECT_EQ(rules.to_utc(200'000), 196'400);  // Twice: from 200,000 to 203,600.
  EXPECT_EQ(rules.to_utc(203'599), 199'999);
  EXPECT_EQ(rules.to_utc(203'600), 203'600);
}

TEST(ZoneRules, RepeatEvery400Years) {
  ZoneRules rules;
  ASSERT_TRUE(append_posix_rule("CET-1CEST,M3.5.0,M10.5.0/3", rules));
  constexpr std::int64_t k400Years = 146'097 * kSecondsPerDay;
  for (std::int64_t time = 1'600'000'000; time < 1'700'000'000; time += 1'000'003) {
    for (const std::int64_t repeats : {1, 2, 15}) {
      ASSERT_EQ(rules.offset_at(time + repeats * k400Years), rules.offset_at(time));
      ASSERT_EQ(rules.to_utc(time + repeats * k400Years), rules.to_utc(time) + repeats * k400Years);
    }
  }
}

}  // namespace
}  // namespace weir::json
