#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_distinct.h>

namespace weir::distinct_strings_test {
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

DistinctStrings strings(std::initializer_list<std::string_view> members) {
  return set_of<DistinctStrings>(members);
}

TEST(DistinctStrings, AgreesWithAStandardSet) {
  std::mt19937_64 random(33);
  for (int round = 0; round < 60; ++round) {
    DistinctStrings set;
    std::set<std::string> model;
    std::vector<std::string> in_order;
    for (int i = 0; i < 1000; ++i) {
      std::string member(random() % (round % 2 == 0 ? 4 : 200), 'a');
      for (char& c : member) c = static_cast<char>(random() % 3);
      const bool is_new = model.insert(member).second;
      if (is_new) in_order.push_back(member);
      EXPECT_EQ(set.add(member), is_new);
    }
    EXPECT_EQ(set.value(), static_cast<std::int64_t>(model.size()));
    std::vector<std::string> listed;
    set.for_each([&](std::string_view member) { listed.emplace_back(member); });
    EXPECT_EQ(listed, in_order);
  }
}

TEST(DistinctStrings, HoldsEmptyLongAndBinaryMembers) {
  const std::string long_one(100'000, 'x');
  const std::string binary("\0\xff\0", 3);
  DistinctStrings set;
  EXPECT_FALSE(set.contains(""));
  for (int i = 0; i < 2; ++i) {
    for (std::string_view member : {std::string_view(), std::string_view(long_one),
                                    std::string_view(binary), std::string_view("\0", 1)}) {
      EXPECT_EQ(set.add(member), i == 0);
    }
  }
  EXPECT_EQ(set.value(), 4);
  EXPECT_FALSE(set.contains(long_one + "x"));
  EXPECT_FALSE(set.contains(std::string(100'001, 'x')));
  expect_round_trip(set, DistinctStrings());
}

TEST(DistinctStrings, IsWrittenInTheOrderOfArrival) {
  EXPECT_EQ(hex(bytes_of(DistinctStrings())), "00");
  EXPECT_EQ(hex(bytes_of(strings({"b", "a", "b", ""}))),
            "03"
            "0162"
            "0161"
            "00");
}

TEST(DistinctStrings, AreEqualWhenTheirMembersAre) {
  EXPECT_TRUE(strings({"a", "b"}) == strings({"b", "a"}));
  EXPECT_FALSE(strings({"a", "b"}) == strings({"a", "c"}));
  EXPECT_FALSE(strings({"a"}) == strings({"a", "c"}));
}

TEST(DistinctStrings, TellsEachMemberOnce) {
  DistinctStrings set = strings({"a", "b"});
  EXPECT_EQ(news_of(set), bytes_of(set));
  set.told();
  EXPECT_FALSE(set.has_news());
  set.add("a");
  EXPECT_FALSE(set.has_news());
  set.merge(strings({"b", "c"}));
  EXPECT_TRUE(set.has_news());
  EXPECT_EQ(hex(news_of(set)), "010163");
  EXPECT_EQ(set.value(), 3);
  set.clear();
  EXPECT_EQ(set.value(), 0);
  set.add("a");
  EXPECT_EQ(hex(news_of(set)), "010161");
}

TEST(DistinctStrings, IsTheSameHoweverTheInputIsSplit) {
  std::mt19937_64 random(34);
  const auto add = [](DistinctStrings& set, const std::string& x) { set.add(x); };
  std::vector<std::string> inputs;
  for (int i = 0; i < 500; ++i) inputs.push_back("user-" + std::to_string(random() % 100));
  const DistinctStrings whole = merged_in_order(DistinctStrings(), inputs, random, add);
  for (int round = 0; round < 20; ++round) {
    EXPECT_TRUE(merged_at_random(DistinctStrings(), inputs, random, add) == whole);
    EXPECT_EQ(bytes_of(merged_in_order(DistinctStrings(), inputs, random, add)), bytes_of(whole));
  }
}

TEST(DistinctStrings, TakesNothingOfDamagedNews) {
  DistinctStrings set = strings({"a"});
  const std::string bad("\x02\x01z\x05z", 5);
  Bytes in = bad;
  EXPECT_FALSE(set.merge_news(in));
  EXPECT_EQ(in.size(), bad.size());
  EXPECT_EQ(set.value(), 1);
  expect_survives_damage(strings({"a", "", "long enough to hit"}),
                         [](const DistinctStrings& damaged) { (void)damaged.value(); });
}

TEST(DistinctStrings, TellsWhatMemoryItTakes) {
  DistinctStrings set;
  EXPECT_LT(set.memory(), 32u);
  for (int i = 0; i < 10'000; ++i) set.add("user-" + std::to_string(i));
  EXPECT_GT(set.memory(), 10'000u * 10);
  EXPECT_LT(set.memory(), 10'000u * 50);
}

}  // namespace
}  // namespace weir::distinct_strings_test
