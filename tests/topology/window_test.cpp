// Stepping windows through a plan: closing, lateness, idle partitions, both phases of a global one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::window_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Key = Windowed<std::string>;
const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kLate{"late"};
const Topic<Key, std::int64_t> kOut{"out"};
using Counted = OwnedRecord<Key, std::int64_t>;

Counted counted(const char* key, Timestamp start, Timestamp end, std::int64_t n, Timestamp at) {
  return {{key, {start, end}}, n, at};
}

Topology counts(Windows windows, Emit emit = Emit::on_close) {
  Builder builder;
  builder.stream(kIn)
      .group_by_key()
      .windowed(windows)
      .late_to(kLate)
      .count("counts", emit)
      .to(kOut);
  return *builder.build();
}

Topology global_counts(Windows windows) {
  Builder builder;
  builder.stream(kIn)
      .group_all()
      .windowed(windows)
      .late_to(kLate)
      .count("counts")
      .map([](const Windowed<NoKey>& key, std::int64_t n) {
        return std::pair{Key{"all", key.window}, n};
      })
      .to(kOut);
  return *builder.build();
}

TEST(Windows, CloseWhenTimeReachesTheirEndAndTheGrace) {
  TestDriver t(counts({.size = 10ms, .grace = 5ms}));
  t.send(kIn, "a", 1, 3);
  t.send(kIn, "b", 1, 14);
  EXPECT_THAT(t.read(kOut), IsEmpty());
  t.send(kIn, "b", 1, 15);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("a", 0, 10, 1, 3)));
}

TEST(Windows, ComeOutByEndAndThenKey) {
  TestDriver t(counts({.size = 10ms}));
  for (const char* key : {"c", "a", "b"}) t.send(kIn, key, 1, 12);
  t.send(kIn, "z", 1, 5);
  t.drain();
  EXPECT_EQ(t.discarded("late"), 1u);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("a", 10, 20, 1, 12), counted("b", 10, 20, 1, 12),
                                        counted("c", 10, 20, 1, 12)));
}

TEST(Windows, CountARecordInTheOnesItIsInTimeFor) {
  TestDriver t(counts({.size = 20ms, .every = 10ms}));
  t.send(kIn, "a", 1, 25);
  t.send(kIn, "a", 1, 15);  // [0, 20) is closed for it, [10, 30) is open.
  t.drain();
  EXPECT_EQ(t.discarded("late"), 0u);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("a", 10, 30, 2, 25), counted("a", 20, 40, 1, 25)));
}

TEST(Windows, SendARecordThatIsLateForAllToItsTopic) {
  TestDriver t(counts({.size = 20ms, .every = 10ms}));
  t.send(kIn, "a", 1, 45);
  t.send(kIn, "b", 7, 19);
  EXPECT_THAT(t.read(kLate), ElementsAre(OwnedRecord<std::string, std::int64_t>{"b", 7, 19}));
}

TEST(Windows, TellEachChangeOnUpdate) {
  TestDriver t(counts({.size = 10ms}, Emit::on_update));
  t.send(kIn, "a", 1, 3);
  t.send(kIn, "a", 1, 2);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("a", 0, 10, 1, 3), counted("a", 0, 10, 2, 3)));
  t.drain();
  EXPECT_THAT(t.read(kOut), IsEmpty());
}

TEST(Windows, OfAQuietPartitionCloseByTheClock) {
  TestDriver t(counts({.size = 10s, .grace = 5s}));
  t.send(kIn, "a", 1, 3'000);
  t.advance(59s);
  EXPECT_THAT(t.read(kOut), IsEmpty());
  t.advance(2s);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("a", 0, 10'000, 1, 3'000)));
}

TEST(GlobalWindows, WaitForTheSlowestPartition) {
  TestDriver t(global_counts({.size = 10ms}), {.partitions = 2});
  t.send(kIn, "a", 1, 1, 0);
  t.send(kIn, "a", 1, 1, 1);
  t.send(kIn, "a", 1, 100, 0);
  EXPECT_THAT(t.read(kOut), IsEmpty());
  t.crash();
  t.send(kIn, "a", 1, 9, 1);
  t.send(kIn, "a", 1, 10, 1);
  EXPECT_THAT(t.read(kOut), ElementsAre(counted("all", 0, 10, 3, 9)));
}

TEST(GlobalWindows, KnowLateRecordsBeforeTheyLoseTheirKeys) {
  TestDriver t(global_counts({.size = 10ms}), {.partitions = 2});
  t.send(kIn, "a", 1, 1, 1);
  t.send(kIn, "a", 1, 30, 0);
  t.send(kIn, "b", 7, 5, 0);  // Late for its own partition, whatever the other has reached.
  EXPECT_EQ(t.discarded("late"), 1u);
  EXPECT_THAT(t.read(kLate), ElementsAre(OwnedRecord<std::string, std::int64_t>{"b", 7, 5}));
}

TEST(Windows, SayWhatIsWrongWithThemAllAtOnce) {
  Builder builder;
  const auto in = builder.stream(kIn).group_by_key();
  in.windowed(Windows{.size = 0s}).count("one");
  in.windowed(Windows{.size = 5s, .every = 10s}).count("two");
  in.windowed(Windows{.size = 5s, .grace = -1s}).count("three");
  in.windowed(PerEvent{.size = -1ms}).count("four");
  const Result<Topology> plan = builder.build();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().text,
            "'one': the window's size must be above zero\n"
            "'two': 'every' (10s) is longer than the window (5s): records between two windows "
            "would be in none\n"
            "'three': grace cannot be negative\n"
            "'four': the window's size cannot be negative");
}

}  // namespace
}  // namespace weir::window_test
