// What operators keep to themselves between commits is bounded: when it grows, the job commits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/aggregate.h>
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Not;

using Text = std::string;
const Topic<Text, Text> kIn{"in"};
const Topic<Text, Text> kOther{"other"};
const Topic<Text, Text> kOut{"out"};
const Topic<Windowed<Text>, std::int64_t> kCounts{"counts"};

// Keys of 2 KB: the 32 MB after which a worker commits are 16,000 of them.
constexpr int kRecords = 20'000;

Text large(int number) { return std::to_string(number) + Text(2'000, 'k'); }

// Sends many keys without asking for a commit, and expects one.
void expect_a_commit(Builder& builder, const Text& internal_topic) {
  TestDriver t(*builder.build(), {.commit_each = false});
  for (int i = 0; i < kRecords; ++i) t.send(kIn, large(i), large(i), 1'000);
  EXPECT_THAT(t.read(internal_topic), Not(IsEmpty()));
}

TEST(Memory, OfWindowsIsBounded) {
  Builder builder;
  builder.stream(kIn).group_by_key().windowed(Windows{.size = 1h}).count("c").to(kCounts);
  expect_a_commit(builder, "c-changelog");
}

TEST(Memory, OfSessionsIsBounded) {
  Builder builder;
  builder.stream(kIn).group_by_key().windowed(Session{.gap = 1h}).count("c").to(kCounts);
  expect_a_commit(builder, "c-changelog");
}

TEST(Memory, OfWindowsPerEventIsBounded) {
  Builder builder;
  builder.stream(kIn).group_by_key().windowed(PerEvent{.size = 1h}).count("c").to(kCounts);
  expect_a_commit(builder, "c-changelog");
}

TEST(Memory, OfJoinsIsBounded) {
  Builder builder;
  const auto first = [](const Text& left, const Text&) { return left; };
  builder.stream(kIn).join("j", builder.stream(kOther), first, {.within = 1h}).to(kOut);
  expect_a_commit(builder, "j-left-changelog");
}

TEST(Memory, OfMatchesIsBounded) {
  Builder builder;
  const auto id = [](const Text& value) { return value; };
  const auto matched =
      builder.stream(kIn).match_once("m", builder.stream(kOther), id, {.within = 1h});
  matched.pairs.map_values([](const auto& pair) { return pair.left; }).to(kOut);
  expect_a_commit(builder, "m-changelog");
}

TEST(Memory, OfDeduplicateIsBounded) {
  Builder builder;
  builder.stream(kIn)
      .deduplicate("d", [](const Text& value) { return value; }, {.within = 1h})
      .to(kOut);
  expect_a_commit(builder, "d-changelog");
}

TEST(Memory, OfGlobalAggregatesIsBounded) {
  Builder builder;
  const auto users = aggregates(distinct([](const Text& value) { return value; }));
  const Topic<Windowed<NoKey>, std::int64_t> totals{"totals"};
  builder.stream(kIn)
      .group_all()
      .windowed(Windows{.size = 1h})
      .aggregate("c", users.start(), users)
      .map_values([](const auto&) { return std::int64_t{0}; })
      .to(totals);
  TestDriver t(*builder.build(), {.commit_each = false});
  for (int i = 0; i < 2 * kRecords; ++i) t.send(kIn, "k", large(i), 1'000);
  EXPECT_THAT(t.read("c-repartition"), Not(IsEmpty()));
}

}  // namespace
}  // namespace weir
