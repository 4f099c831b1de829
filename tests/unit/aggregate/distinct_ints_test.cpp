#include <algorithm>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_distinct.h>

namespace weir {
namespace {

template <class Set>
std::string news_of(const Set& set) {
  std::string bytes;
  set.write_news(bytes);
  return bytes;
}

template <class Set, class Member>
Set set_of(std::initializer_list<Member> members) {
  Set set;
  for (const Member& member : members) set.add(member);
  return set;
}

DistinctInts ints(std::initializer_list<std::int64_t> members) {
  return set_of<DistinctInts>(members);
}

TEST(DistinctInts, AgreesWithAStandardSet) {
  std::mt19937_64 random(31);
  for (int round = 0; round < 100; ++round) {
    const std::uint64_t range = 1 + random() % 3000;
    DistinctInts set;
    std::set<std::int64_t> model;
    for (int i = 0; i < 2000; ++i) {
      const auto member = static_cast<std::int64_t>(random() % range) - 500;
      EXPECT_EQ(set.add(member), model.insert(member).second);
    }
    EXPECT_EQ(set.value(), static_cast<std::int64_t>(model.size()));
    std::set<std::int64_t> listed;
    set.for_each([&](std::int64_t member) { EXPECT_TRUE(listed.insert(member).second); });
    EXPECT_EQ(listed, model);
    for (std::int64_t probe = -510; probe < 3000; ++probe) {
      ASSERT_EQ(set.contains(probe), model.count(probe) == 1);
    }
  }
}

TEST(DistinctInts, HoldsZeroAndTheExtremes) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  const auto least = std::numeric_limits<std::int64_t>::min();
  DistinctInts set;
  EXPECT_FALSE(set.contains(0));
  EXPECT_FALSE(set.contains(5));
  for (int i = 0; i < 2; ++i) {
    for (std::int64_t member : {std::int64_t{0}, most, least, std::int64_t{-1}}) set.add(member);
  }
  EXPECT_EQ(set.value(), 4);
  expect_round_trip(set, DistinctInts());
}

TEST(DistinctInts, HasTheSameBytesInAnyOrder) {
  EXPECT_EQ(hex(bytes_of(DistinctInts())), "00");
  EXPECT_EQ(hex(bytes_of(ints({0}))), "0100");
  EXPECT_EQ(hex(bytes_of(ints({300, -2, 0}))), "030302ac02");  // -2, then +2, then +300.
  std::mt19937_64 random(32);
  std::vector<std::int64_t> members(500);
  for (auto& x : members) x = static_cast<std::int64_t>(random()) >> (random() % 64);
  const auto add = [](DistinctInts& set, std::int64_t x) { set.add(x); };
  const std::string expected = bytes_of(merged_in_order(DistinctInts(), members, random, add));
  for (int round = 0; round < 20; ++round) {
    std::shuffle(members.begin(), members.end(), random);
    EXPECT_EQ(bytes_of(merged_at_random(DistinctInts(), members, random, add)), expected);
  }
}

TEST(DistinctInts, AreEqualWhenTheirMembersAre) {
  EXPECT_TRUE(ints({1, 2, 0}) == ints({0, 2, 1}));
  EXPECT_FALSE(ints({1, 2}) == ints({1, 3}));
  EXPECT_FALSE(ints({1, 2}) == ints({1, 2, 3}));
}

TEST(DistinctInts, TellsEachMemberOnce) {
  DistinctInts set = ints({5, 6});
  EXPECT_EQ(news_of(set), bytes_of(set));
  set.told();
  EXPECT_FALSE(set.has_news());
  EXPECT_EQ(hex(news_of(set)), "00");
  set.add(5);
  EXPECT_FALSE(set.has_news());
  set.add(7);
  EXPECT_TRUE(set.has_news());
  EXPECT_EQ(hex(news_of(set)), "010e");
  set.merge(ints({6, 8}));
  EXPECT_EQ(news_of(set), bytes_of(ints({7, 8})));
  set.clear();
  EXPECT_FALSE(set.has_news());
  set.add(5);
  EXPECT_EQ(news_of(set), bytes_of(ints({5})));
}

TEST(DistinctInts, RefusesMembersThatDoNotAscend) {
  DistinctInts set = ints({9});
  for (const std::string& bad : {std::string("\x02\x02\x00", 3), std::string("\x02\x02", 2),
                                 std::string("\x05\x02\x01", 3), std::string()}) {
    Bytes in = bad;
    EXPECT_FALSE(set.merge_news(in)) << hex(bad);
    EXPECT_TRUE(set == ints({9}));
  }
  expect_survives_damage(ints({-70000, 0, 3, 1'000'000'000'000}),
                         [](const DistinctInts& damaged) { (void)damaged.value(); });
}

}  // namespace
}  // namespace weir
