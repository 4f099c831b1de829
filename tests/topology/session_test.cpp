// Sessions and per-event windows through a plan: what comes out, when, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::session_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Key = Windowed<std::string>;
const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kLate{"late"};
const Topic<Key, std::int64_t> kCounts{"counts"};
const Topic<Key, std::optional<std::int64_t>> kUpdates{"updates"};

using Counted = OwnedRecord<Key, std::int64_t>;
using Updated = OwnedRecord<Key, std::optional<std::int64_t>>;

Counted counted(const char* key, Timestamp start, Timestamp end, std::int64_t n, Timestamp at) {
  return {{key, {start, end}}, n, at};
}

template <class W>
Topology counts_of(W windows) {
  Builder builder;
  builder.stream(kIn).group_by_key().windowed(windows).late_to(kLate).count("counts").to(kCounts);
  return *builder.build();
}

TEST(Sessions, CloseWhenTheGapAndTheGraceArePast) {
  TestDriver t(counts_of(Session{.gap = 10ms, .grace = 5ms}));
  t.send(kIn, "a", 1, 100);
  t.send(kIn, "a", 1, 110);
  t.send(kIn, "b", 1, 125);
  EXPECT_THAT(t.read(kCounts), IsEmpty());
  t.send(kIn, "b", 1, 126);
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 100, 110, 2, 110)));
}

TEST(Sessions, OneMoreThanTheGapApartAreTwo) {
  TestDriver t(counts_of(Session{.gap = 10ms}));
  t.send(kIn, "a", 1, 100);
  t.send(kIn, "a", 1, 111);
  t.drain();
  EXPECT_THAT(t.read(kCounts),
              ElementsAre(counted("a", 100, 100, 1, 100), counted("a", 111, 111, 1, 111)));
}

TEST(Sessions, ARecordBetweenTwoJoinsThem) {
  TestDriver t(counts_of(Session{.gap = 10ms, .grace = 20ms}));
  for (const Timestamp at : {100, 120, 110}) t.send(kIn, "a", 1, at);
  t.crash();
  t.drain();
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 100, 120, 3, 120)));
}

TEST(Sessions, LateRecordsGoWhereTheyAreSent) {
  TestDriver t(counts_of(Session{.gap = 10ms}));
  t.send(kIn, "a", 1, 100);
  t.send(kIn, "b", 2, 111);
  t.send(kIn, "a", 3, 100);
  EXPECT_EQ(t.discarded("late"), 1u);
  EXPECT_THAT(t.read(kLate), ElementsAre(OwnedRecord<std::string, std::int64_t>{"a", 3, 100}));
}

TEST(Sessions, StayOpenOverARestartAndCloseOnce) {
  TestDriver t(counts_of(Session{.gap = 10ms}));
  t.send(kIn, "a", 1, 100);
  t.crash(true);
  t.send(kIn, "a", 1, 105);
  t.crash();
  t.send(kIn, "b", 1, 200);
  t.crash();
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 100, 105, 2, 105)));
}

TEST(Sessions, UpdatesTakeBackWhatBecamePartOfAnother) {
  Builder builder;
  builder.stream(kIn)
      .group_by_key()
      .windowed(Session{.gap = 10ms})
      .updates()
      .count("counts")
      .to(kUpdates);
  TestDriver t(*builder.build());
  for (const Timestamp at : {100, 105, 105, 130}) t.send(kIn, "a", 1, at);
  EXPECT_THAT(t.read(kUpdates),
              ElementsAre(Updated{{"a", {100, 100}}, 1, 100}, Updated{{"a", {100, 100}}, {}, 100},
                          Updated{{"a", {100, 105}}, 2, 105}, Updated{{"a", {100, 105}}, {}, 105},
                          Updated{{"a", {100, 105}}, 3, 105}, Updated{{"a", {130, 130}}, 1, 130}));
}

TEST(Sessions, RefuseUpdatesThatCouldNotTakeBack) {
  Builder builder;
  const auto windowed = builder.stream(kIn).group_by_key().windowed(Session{.gap = 10ms});
  windowed.count("counts", Emit::on_update).to(kCounts);
  const Result<Topology> plan = builder.build();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().text,
            "'counts': a record may join two sessions into one, so updates must also say which "
            "are gone: use windowed(...).updates()");
}

TEST(Sessions, RefuseAGapOfNothing) {
  Builder builder;
  builder.stream(kIn).group_by_key().windowed(Session{}).count("counts").to(kCounts);
  const Result<Topology> plan = builder.build();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().text, "'counts': the session's gap must be above zero");
}

TEST(Sessions, OfAllKeysCannotSendLateRecordsWithTheirKeys) {
  Builder builder;
  builder.stream(kIn).group_all().windowed(Session{.gap = 1s}).late_to(kLate).count("all");
  const Result<Topology> plan = builder.build();
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().text.find("leave late_to() out"), std::string::npos);
}

TEST(PerEventWindows, EndAtEachRecordAndFollowEachThatIsFollowed) {
  TestDriver t(counts_of(PerEvent{.size = 5000ms}));
  for (const Timestamp at : {8000, 9200, 12400}) t.send(kIn, "a", 1, at);
  t.drain();
  EXPECT_THAT(t.read(kCounts),
              ElementsAre(counted("a", 3000, 8000, 1, 8000), counted("a", 4200, 9200, 2, 9200),
                          counted("a", 7400, 12400, 3, 12400), counted("a", 8001, 13001, 2, 12400),
                          counted("a", 9201, 14201, 1, 12400)));
}

TEST(PerEventWindows, TakeOutOfOrderRecordsUntilTheGraceIsOver) {
  TestDriver t(counts_of(PerEvent{.size = 10ms, .grace = 10ms}));
  t.send(kIn, "a", 1, 100);
  t.send(kIn, "b", 1, 110);
  t.send(kIn, "a", 1, 100);
  EXPECT_THAT(t.read(kCounts), IsEmpty());
  t.send(kIn, "b", 1, 111);
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 90, 100, 2, 100)));
  t.crash();
  t.send(kIn, "c", 7, 100);
  EXPECT_EQ(t.discarded("late"), 1u);
  EXPECT_THAT(t.read(kLate), ElementsAre(OwnedRecord<std::string, std::int64_t>{"c", 7, 100}));
}

TEST(PerEventWindows, OfTheFirstMomentsBeginWithTime) {
  TestDriver t(counts_of(PerEvent{.size = 10ms}));
  t.send(kIn, "a", 1, 0);
  t.send(kIn, "a", 1, 4);
  t.drain();
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 0, 10, 2, 4), counted("a", 1, 11, 1, 4)));
}

// The minute takes results that are as old as the start of their ten seconds.
TEST(ChainedWindows, LoseNothingBetweenThem) {
  Builder builder;
  builder.stream(kIn)
      .group_by_key()
      .windowed(Windows{.size = 10s})
      .count("tens")
      .group_by([](const Key& key, std::int64_t) { return key.key; })
      .windowed(Windows{.size = 5s})
      .reduce("sums", [](std::int64_t& sum, std::int64_t n) { sum += n; })
      .to(kCounts);
  TestDriver t(*builder.build());
  for (const Timestamp at : {1'000, 2'000, 9'000, 11'000, 31'000}) t.send(kIn, "a", 1, at);
  t.drain();
  EXPECT_THAT(t.read(kCounts), ElementsAre(counted("a", 5'000, 10'000, 3, 9'000),
                                           counted("a", 10'000, 15'000, 1, 11'000),
                                           counted("a", 30'000, 35'000, 1, 31'000)));
  EXPECT_EQ(t.discarded("late"), 0u);
}

TEST(ChainedWindows, OldResultsOfAWindowAreNotLate) {
  Builder builder;
  builder.stream(kIn)
      .group_by_key()
      .windowed(Windows{.size = 10s})
      .count("tens")
      .group_by([](const Key& key, std::int64_t) { return key.key; })
      .windowed(Windows{.size = 2s})
      .reduce("sums", [](std::int64_t& sum, std::int64_t n) { sum += n; })
      .to(kCounts);
  TestDriver t(*builder.build());
  t.send(kIn, "a", 1, 1'000);
  t.send(kIn, "b", 1, 9'000);
  t.send(kIn, "b", 1, 30'000);
  t.drain();
  EXPECT_EQ(t.discarded("late"), 0u);
  EXPECT_EQ(t.read(kCounts).size(), 3u);
}

}  // namespace
}  // namespace weir::session_test
