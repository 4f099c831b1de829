// Aggregates of all records together, over several partitions: two phases, and what they send.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/aggregate.h>
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::global_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

using Text = std::string;
const Topic<Text, std::int64_t> kIn{"in"};
const Topic<Windowed<NoKey>, std::int64_t> kOut{"out"};
const Topic<Windowed<NoKey>, std::optional<std::int64_t>> kChanges{"changes"};
const Topic<Windowed<NoKey>, Text> kTexts{"texts"};

template <class W>
Topology counts(W windows, Emit emit = Emit::on_close) {
  Builder builder;
  builder.stream(kIn).group_all().windowed(windows).count("all", emit).to(kOut);
  return *builder.build();
}

// "start..end=count" of each result.
std::vector<Text> lines(TestDriver& driver) {
  std::vector<Text> all;
  for (const auto& [key, count, time] : driver.read(kOut)) {
    all.push_back(std::to_string(key.window.start) + ".." + std::to_string(key.window.end) + "=" +
                  std::to_string(count));
  }
  return all;
}

TEST(Global, CountsWhatAllPartitionsBroughtWhateverTheirKeys) {
  TestDriver t(counts(Windows{.size = 10ms}), {.partitions = 3});
  for (int n = 0; n < 9; ++n) t.send(kIn, "k" + std::to_string(n), n, n, n % 3);
  for (int partition = 0; partition < 3; ++partition) t.send(kIn, "z", 0, 10, partition);
  EXPECT_THAT(lines(t), ElementsAre("0..10=9"));
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("10..20=3"));
}

TEST(Global, SendsOnePartialPerPaneAndCommit) {
  TestDriver t(counts(Windows{.size = 10ms, .every = 5ms}),
               {.partitions = 2, .commit_each = false});
  for (int n = 0; n < 1000; ++n) t.send(kIn, "k", n, n % 20, n % 2);
  t.commit();
  std::size_t partials = 0;
  for (const LogRecord& record : t.read("all-repartition")) partials += record.key ? 1 : 0;
  // Of each partition four panes, one of them also of records that missed a window: not 1000.
  EXPECT_THAT(partials, Le(2U * 5U));
}

TEST(Global, OnUpdateTellsTheSumOfAllOncePerCommit) {
  TestDriver t(counts(Windows{.size = 10ms}, Emit::on_update),
               {.partitions = 2, .commit_each = false});
  for (int n = 0; n < 4; ++n) t.send(kIn, "k", n, n, n % 2);
  t.commit();
  const auto first = lines(t);
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first.back(), "0..10=4");
  EXPECT_THAT(first, SizeIs(Le(2U)));  // At most one for each task's partial.
  t.send(kIn, "k", 0, 5, 1);
  t.commit();
  EXPECT_THAT(lines(t), ElementsAre("0..10=5"));
  t.commit();
  EXPECT_THAT(lines(t), IsEmpty());
}

TEST(Global, APartialThatWasNotCommittedIsNotCounted) {
  TestDriver t(counts(Windows{.size = 10ms}), {.partitions = 2, .commit_each = false});
  t.send(kIn, "a", 1, 1, 0);
  t.send(kIn, "b", 1, 2, 1);
  t.commit();
  t.send(kIn, "c", 1, 3, 0);
  t.crash();
  t.send(kIn, "d", 1, 4, 1);
  t.crash(true);
  t.commit();
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("0..10=4"));
}

TEST(Global, ResultsAreTheSameHoweverManyPartitionsThereAre) {
  std::vector<Text> of_one;
  for (const int partitions : {1, 2, 5}) {
    TestDriver t(counts(Windows{.size = 20ms, .every = 10ms}), {.partitions = partitions});
    for (int n = 0; n < 60; ++n) t.send(kIn, "k" + std::to_string(n), n, n, n % partitions);
    t.drain();
    std::vector<Text> found = lines(t);
    std::sort(found.begin(), found.end());  // The topic of results has as many partitions.
    if (partitions == 1) of_one = found;
    EXPECT_THAT(found, SizeIs(6));
    EXPECT_EQ(found, of_one) << partitions;
  }
  EXPECT_EQ(of_one.front(), "0..20=20");  // [-10, 10) would begin before time does.
}

TEST(Global, SessionsAreOfAllKeysTogether) {
  TestDriver t(counts(Session{.gap = 5ms}), {.partitions = 2});
  t.send(kIn, "a", 1, 1, 0);
  t.send(kIn, "b", 1, 4, 1);
  t.send(kIn, "c", 1, 9, 0);
  t.send(kIn, "d", 1, 30, 1);
  t.send(kIn, "e", 1, 31, 0);
  EXPECT_THAT(lines(t), ElementsAre("1..9=3"));
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("30..31=2"));
}

TEST(Global, SessionsAsTheyChangeTakeBackWhatTheyJoin) {
  Builder builder;
  builder.stream(kIn).group_all().windowed(Session{.gap = 5ms}).updates().count("all").to(kChanges);
  TestDriver t(*builder.build());
  t.send(kIn, "a", 1, 1);
  t.send(kIn, "b", 1, 3);
  std::vector<Text> told;
  for (const auto& [key, count, time] : t.read(kChanges)) {
    told.push_back(std::to_string(key.window.start) + ".." + std::to_string(key.window.end) + "=" +
                   (count ? std::to_string(*count) : "gone"));
  }
  EXPECT_THAT(told, ElementsAre("1..1=1", "1..1=gone", "1..3=2"));
}

TEST(Global, WindowsOfEachEventSeeEveryPartition) {
  TestDriver t(counts(PerEvent{.size = 10ms}), {.partitions = 2});
  t.send(kIn, "a", 1, 20, 0);
  t.send(kIn, "b", 1, 25, 1);
  t.drain();
  EXPECT_THAT(lines(t), ElementsAre("10..20=1", "15..25=2", "21..31=1"));
}

TEST(Global, AggregatesOfSeveralKindsMergeAcrossTasks) {
  Builder builder;
  const auto value = [](const std::int64_t& n) { return n; };
  const auto stats = aggregates(sum(value), min(value), max(value), distinct(value));
  builder.stream(kIn)
      .group_all()
      .windowed(Windows{.size = 10ms})
      .aggregate("all", stats.start(), stats)
      .map_values([](const auto& all) {
        const auto [total, least, most, different] = *all.result();
        return std::to_string(total) + " " + std::to_string(*least) + " " + std::to_string(*most) +
               " " + std::to_string(different);
      })
      .to(kTexts);
  TestDriver t(*builder.build(), {.partitions = 3});
  for (const std::int64_t n : {5, 7, 5, -2, 7}) t.send(kIn, "k", n, 1, static_cast<int>(n + 2) % 3);
  t.drain();
  const auto found = t.read(kTexts);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().value, "22 -2 7 3");
}

}  // namespace
}  // namespace weir::global_test
