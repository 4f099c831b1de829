// Time of partitions that are silent, empty or drained: what closes, and what is late from then on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::idle_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Text = std::string;
const Topic<Text, std::int64_t> kIn{"in"};
const Topic<Text, std::int64_t> kOther{"other"};
const Topic<Windowed<Text>, std::int64_t> kOut{"out"};
const Topic<Text, Text> kPairs{"pairs"};

Topology counts(Windows windows, bool rekeyed, Duration idle = 1min) {
  Builder builder;
  auto stream = builder.stream(kIn, {.idle = idle});
  if (rekeyed) stream = stream.rekey([](const Text& key, std::int64_t) { return key + "'"; });
  stream.group_by_key().windowed(windows).count("counts").to(kOut);
  return *builder.build();
}

// "key start=count" of each result.
std::vector<Text> lines(TestDriver& driver) {
  std::vector<Text> all;
  for (const auto& [key, count, time] : driver.read(kOut)) {
    all.push_back(key.key + " " + std::to_string(key.window.start) + "=" + std::to_string(count));
  }
  return all;
}

TEST(Idle, TimeIsTheNewestRecordsPlusTheSilence) {
  TestDriver t(counts({.size = 10s}, false));
  t.send(kIn, "a", 1, 3'000);
  t.send(kIn, "a", 1, 65'000);
  EXPECT_THAT(lines(t), ElementsAre("a 0=1"));
  t.advance(59'999ms);
  EXPECT_EQ(t.stream_time("in"), 65'000);
  t.advance(1ms);
  EXPECT_EQ(t.stream_time("in"), 125'000);
  EXPECT_THAT(lines(t), ElementsAre("a 60000=1"));
  t.advance(500ms);
  EXPECT_EQ(t.stream_time("in"), 125'500);
}

TEST(Idle, TimeCountsForLatenessAndStaysOverRestarts) {
  TestDriver t(counts({.size = 10s}, false));
  t.send(kIn, "a", 1, 3'000);
  t.advance(61s);  // 64 s.
  EXPECT_THAT(lines(t), ElementsAre("a 0=1"));
  t.send(kIn, "a", 1, 60'000);
  t.send(kIn, "a", 1, 59'999);
  EXPECT_EQ(t.discarded("late"), 1U);
  for (const bool keep_state : {true, false}) {
    t.crash(keep_state);
    EXPECT_EQ(t.stream_time("in"), 64'000);
    t.send(kIn, "a", 1, 50'000);
    EXPECT_EQ(t.discarded("late"), keep_state ? 2U : 3U);
  }
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("a 60000=1"));
}

TEST(Idle, ARecordStartsTheSilenceAnew) {
  TestDriver t(counts({.size = 10s}, false));
  t.send(kIn, "a", 1, 3'000);
  t.advance(40s);
  t.send(kIn, "a", 1, 4'000);
  t.advance(40s);
  EXPECT_EQ(t.stream_time("in"), 4'000);
  t.advance(20s);
  EXPECT_EQ(t.stream_time("in"), 64'000);
}

TEST(Idle, AnOlderRecordDoesNotTakeTimeBack) {
  TestDriver t(counts({.size = 10s}, false));
  t.send(kIn, "a", 1, 3'000);
  t.advance(70s);
  EXPECT_EQ(t.stream_time("in"), 73'000);
  t.send(kIn, "a", 1, 70'000);  // In an open window.
  EXPECT_EQ(t.stream_time("in"), 73'000);
  EXPECT_EQ(t.discarded("late"), 0U);
}

TEST(Idle, NeverIsNever) {
  TestDriver t(counts({.size = 10s}, false, 0s));
  t.send(kIn, "a", 1, 3'000);
  t.advance(24h);
  EXPECT_EQ(t.stream_time("in"), 3'000);
  EXPECT_THAT(lines(t), IsEmpty());
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("a 0=1"));
}

TEST(Idle, ASilentPartitionHoldsUpOthersBehindARepartitionTopicUntilThen) {
  TestDriver t(counts({.size = 10ms}, true), {.partitions = 2});
  t.send(kIn, "a", 1, 5, 0);
  t.send(kIn, "a", 1, 6, 1);
  t.send(kIn, "a", 1, 100'000, 0);
  EXPECT_THAT(lines(t), IsEmpty());
  t.advance(60s);  // The silent one stands at 60,006, the other at 160,000.
  EXPECT_THAT(lines(t), ElementsAre("a' 0=2"));
  t.advance(40s);  // 100,006.
  EXPECT_THAT(lines(t), IsEmpty());
  t.advance(4ms);
  EXPECT_THAT(lines(t), ElementsAre("a' 100000=1"));
}

TEST(Idle, IsHandedOnOverACrashOfBothSides) {
  TestDriver t(counts({.size = 10ms}, true), {.partitions = 2});
  t.send(kIn, "a", 1, 5, 0);
  t.send(kIn, "a", 1, 6, 1);
  t.advance(60s);
  EXPECT_THAT(lines(t), ElementsAre("a' 0=2"));
  t.crash();
  t.send(kIn, "a", 1, 60'000, 1);  // Its own partition stands at 60,006: [60000, 60010) is open.
  t.send(kIn, "a", 1, 59'990, 1);
  EXPECT_EQ(t.discarded("late"), 1U);
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("a' 60000=1"));
}

TEST(Idle, APartitionWithoutRecordsHoldsNobodyBack) {
  TestDriver t(counts({.size = 10ms}, true), {.partitions = 3});
  t.send(kIn, "a", 1, 5, 1);
  t.send(kIn, "a", 1, 10, 1);
  EXPECT_THAT(lines(t), ElementsAre("a' 0=1"));
}

TEST(Idle, OneTopicOfAJoinDoesNotHoldUpTheOther) {
  Builder builder;
  const auto both = [](const std::int64_t* l, const std::int64_t* r) {
    return (l != nullptr ? std::to_string(*l) : "-") + "+" +
           (r != nullptr ? std::to_string(*r) : "-");
  };
  builder.stream(kIn)
      .join("pairs", builder.stream(kOther), both, {.within = 5s, .type = JoinType::outer})
      .to(kPairs);
  TestDriver t(*builder.build());
  t.send(kOther, "k", 7, 1'000);
  t.send(kIn, "k", 1, 20'000);  // Nothing closes: the other topic stands at 1 s.
  EXPECT_THAT(t.read(kPairs), IsEmpty());
  t.advance(60s);
  const auto found = t.read(kPairs);
  std::vector<Text> values;
  for (const auto& pair : found) values.push_back(pair.value);
  EXPECT_THAT(values, UnorderedElementsAre("-+7", "1+-"));
}

TEST(Drain, IsTheEndOfTimeForLatenessToo) {
  TestDriver t(counts({.size = 10s}, false));
  t.send(kIn, "a", 1, 3'000);
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("a 0=1"));
  t.crash();
  t.send(kIn, "a", 1, 999'000);
  EXPECT_EQ(t.discarded("late"), 1U);
  EXPECT_EQ(t.stream_time("in"), kEndOfTime);
}

}  // namespace
}  // namespace weir::idle_test
