// match_once and deduplicate through plans: what comes out, when, with which counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::match_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

using Text = std::string;
using Key = std::optional<Text>;
const Topic<Key, Text> kOrders{"orders"};
const Topic<Key, Text> kPayments{"payments"};
const Topic<Text, Text> kPairs{"pairs"};
const Topic<Text, Text> kUnmatched{"unmatched"};

constexpr MatchOptions kMatch{.within = 100ms, .delay = 20ms, .remember = 400ms};

Text words(const Lone<Text, Text>& lone) {
  static const char* const kWords[] = {"no_payment ", "no_order ", "second_payment "};
  return kWords[static_cast<int>(lone.reason)] + lone.left.value_or("") + lone.right.value_or("");
}

Topology matched(ErrorPolicy errors = {}, SourceOptions source = {}) {
  Builder builder(std::move(errors));
  const auto found = builder.stream(kOrders, source)
                         .match_once(
                             "paid", builder.stream(kPayments, source),
                             [](const Text& payment) { return payment; }, kMatch);
  found.pairs.map_values([](const weir::Pair<Text, Text>& pair) { return pair.left + pair.right; })
      .to(kPairs);
  found.unmatched.map_values([](const Lone<Text, Text>& lone) { return words(lone); })
      .to(kUnmatched);
  return *builder.build();
}

// Results as "key:value@time".
std::vector<Text> results(TestDriver& t, const Topic<Text, Text>& topic) {
  std::vector<Text> lines;
  for (const auto& [key, value, time] : t.read(topic)) {
    lines.push_back(key + ":" + value + "@" + std::to_string(time));
  }
  return lines;
}

TEST(MatchOnce, PairsEachOrderWithItsFirstPayment) {
  TestDriver t(matched());
  t.send(kOrders, "k", "o", 1000);
  t.send(kPayments, "k", "p", 1050);
  t.send(kPayments, "k", "q", 1051);
  EXPECT_THAT(results(t, kPairs), ElementsAre("k:op@1050"));
  EXPECT_THAT(results(t, kUnmatched), ElementsAre("k:second_payment q@1051"));
}

TEST(MatchOnce, WaitsForTheSlowerTopic) {
  TestDriver t(matched());
  t.send(kOrders, "k", "o", 1000);
  t.send(kPayments, "x", "p", 1000);
  t.send(kOrders, "other", "o2", 9000);
  EXPECT_THAT(results(t, kUnmatched), IsEmpty());  // Payments have not come so far.
  t.send(kPayments, "k", "q", 1100);
  EXPECT_THAT(results(t, kPairs), ElementsAre("k:oq@1100"));
}

TEST(MatchOnce, SaysWhatFoundNobodyWhenItsTimeIsUp) {
  TestDriver t(matched());
  t.send(kOrders, "a", "o", 1000);
  t.send(kPayments, "b", "p", 1001);
  t.send(kOrders, "z", "z", 1122);
  t.send(kPayments, "z", "z", 1121);
  EXPECT_THAT(results(t, kUnmatched), ElementsAre("a:no_payment o@1000"));
  t.send(kPayments, "z", "y", 1122);
  EXPECT_THAT(results(t, kUnmatched), ElementsAre("b:no_order p@1001", "z:second_payment y@1122"));
}

TEST(MatchOnce, NothingIsEverLate) {
  TestDriver t(matched());
  t.send(kOrders, "z", "z", 9000);
  t.send(kPayments, "z", "z", 9000);
  t.send(kOrders, "a", "old", 1000);
  EXPECT_THAT(results(t, kUnmatched), ElementsAre("a:no_payment old@1000"));
  EXPECT_THAT(t.discarded(), IsEmpty());
}

TEST(MatchOnce, CountsRepeatsOfOrdersAndOfPayments) {
  TestDriver t(matched());
  t.send(kOrders, "k", "o", 1000);
  t.send(kOrders, "k", "again", 1001);
  t.send(kPayments, "k", "p", 1002);
  t.send(kPayments, "k", "p", 1003);
  EXPECT_EQ(t.discarded("duplicate"), 2u);
  EXPECT_THAT(results(t, kPairs), ElementsAre("k:op@1002"));
}

TEST(MatchOnce, KeepsRepeatsAsDeadLettersOnlyWhereTheJobSaysSo) {
  for (const bool keep : {false, true}) {
    TestDriver t(matched({.dead_letters = "dead", .keep_duplicates = keep}));
    t.send(kOrders, "k", "o", 1000);
    t.send(kOrders, "k", "again", 1001);
    EXPECT_EQ(t.discarded("duplicate"), 1u);
    const std::vector<LogRecord> dead = t.dead_letters();
    ASSERT_EQ(dead.size(), keep ? 1u : 0u);
    if (!keep) continue;
    EXPECT_EQ(dead[0].value, "again");
    EXPECT_EQ(dead[0].timestamp, 1001);
  }
}

TEST(MatchOnce, CountsRecordsWithoutAKeyAndGoesOn) {
  TestDriver t(matched());
  t.send(kOrders, std::nullopt, "o", 1000);
  t.send(kPayments, std::nullopt, "p", 1000);
  EXPECT_EQ(t.discarded("null_key"), 2u);
  EXPECT_THAT(results(t, kPairs), IsEmpty());
}

TEST(MatchOnce, EachRecordComesOutAsExactlyOneThing) {
  TestDriver t(matched());
  t.send(kOrders, "a", "o", 1000);
  t.send(kOrders, "a", "repeat", 1000);
  t.send(kOrders, "b", "o", 1000);
  t.send(kPayments, "a", "p", 1000);
  t.send(kPayments, "a", "q", 1010);
  t.send(kPayments, "c", "r", 1010);
  t.drain();
  EXPECT_THAT(results(t, kPairs), ElementsAre("a:op@1000"));
  EXPECT_THAT(
      results(t, kUnmatched),
      UnorderedElementsAre("a:second_payment q@1010", "b:no_payment o@1000", "c:no_order r@1010"));
  EXPECT_THAT(t.discarded(), ElementsAre(Pair("duplicate", 1u)));
}

TEST(MatchOnce, TimeOfQuietTopicsFollowsTheClock) {
  TestDriver t(matched({}, {.idle = 50ms}));
  t.send(kOrders, "k", "o", 1000);
  t.send(kPayments, "z", "p", 1000);
  t.advance(100ms);
  EXPECT_THAT(results(t, kUnmatched), IsEmpty());
  t.advance(100ms);
  EXPECT_THAT(results(t, kUnmatched), ElementsAre("z:no_order p@1000", "k:no_payment o@1000"));
}

TEST(MatchOnce, RemembersOverACrashWithAndWithoutItsDisk) {
  for (const bool disk : {false, true}) {
    TestDriver t(matched());
    t.send(kOrders, "k", "o", 1000);
    t.send(kOrders, "w", "waits", 1000);
    t.send(kPayments, "k", "p", 1001);
    t.crash(disk);
    t.send(kOrders, "k", "again", 1002);
    t.send(kPayments, "k", "p", 1003);
    t.send(kPayments, "k", "q", 1004);
    EXPECT_EQ(t.discarded("duplicate"), 2u);
    t.drain();
    EXPECT_THAT(results(t, kPairs), ElementsAre("k:op@1001"));
    EXPECT_THAT(results(t, kUnmatched),
                ElementsAre("k:second_payment q@1004", "w:no_payment waits@1000"));
  }
}

TEST(MatchOnce, IsDescribedWithItsLimitsAndItsStore) {
  const Text plan = matched().describe();
  EXPECT_THAT(plan, HasSubstr("match_once"));
  EXPECT_THAT(plan, HasSubstr("once, within 100ms, delay 20ms, remember 400ms"));
  EXPECT_THAT(plan, HasSubstr("paid"));
}

// ---- Deduplicate -------------------------------------------------------------------------------

const Topic<Text, Text> kIn{"in"};
const Topic<Text, Text> kFirst{"first"};

Topology deduplicated(ErrorPolicy errors = {}) {
  Builder builder(std::move(errors));
  builder.stream(kIn)
      .deduplicate("first", [](const Text& value) { return value.substr(0, 1); }, {.within = 10ms})
      .to(kFirst);
  return *builder.build();
}

TEST(Deduplicate, LetsTheFirstThroughAndCountsTheOthers) {
  TestDriver t(deduplicated());
  t.send(kIn, "k", "a1", 100);
  t.send(kIn, "k", "a2", 110);
  t.send(kIn, "k", "b1", 110);
  t.send(kIn, "k", "a3", 111);
  EXPECT_THAT(results(t, kFirst), ElementsAre("k:a1@100", "k:b1@110", "k:a3@111"));
  EXPECT_THAT(t.discarded(), ElementsAre(Pair("duplicate", 1u)));
}

TEST(Deduplicate, RepeatsAreNoDeadLettersUnlessTheJobKeepsThem) {
  for (const bool keep : {false, true}) {
    TestDriver t(deduplicated({.dead_letters = "dead", .keep_duplicates = keep}));
    t.send(kIn, "k", "a1", 100);
    t.send(kIn, "k", "a2", 100);
    EXPECT_EQ(t.dead_letters().size(), keep ? 1u : 0u);
  }
}

TEST(Deduplicate, RemembersOverACrashWithAndWithoutItsDisk) {
  for (const bool disk : {false, true}) {
    TestDriver t(deduplicated());
    t.send(kIn, "k", "a1", 100);
    t.crash(disk);
    t.send(kIn, "k", "a2", 105);
    t.send(kIn, "k", "b", 105);
    EXPECT_THAT(results(t, kFirst), ElementsAre("k:a1@100", "k:b@105"));
  }
}

TEST(Deduplicate, ForgetsWhatACrashTookBeforeItsCommit) {
  TestDriver t(deduplicated(), {.commit_each = false});
  t.send(kIn, "k", "a1", 100);
  t.crash();
  t.commit();
  EXPECT_THAT(results(t, kFirst), ElementsAre("k:a1@100"));
}

TEST(Deduplicate, OfANewKeyGoesThroughARepartitionTopic) {
  Builder builder;
  builder.stream(kIn)
      .rekey([](const Text&, const Text& value) { return value; })
      .deduplicate("first", [](const Text& value) { return value; }, {.within = 10ms})
      .to(kFirst);
  const Topology plan = *builder.build();
  EXPECT_EQ(plan.sub_topologies().size(), 2u);
  TestDriver t(plan, {.partitions = 3});
  t.send(kIn, "x", "a", 100, 0);
  t.send(kIn, "y", "a", 105, 2);  // The same id, from another partition.
  EXPECT_THAT(results(t, kFirst), ElementsAre("a:a@100"));
  EXPECT_EQ(t.discarded("duplicate"), 1u);
}

}  // namespace
}  // namespace weir::match_test
