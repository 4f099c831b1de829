// Interval joins through a plan: who pairs, who comes out alone and when, who is late.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::join_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Text = std::string;
using Key = std::optional<std::string>;
const Topic<Key, Text> kLeft{"left"};
const Topic<Key, Text> kRight{"right"};
const Topic<Key, Text> kOut{"out"};
const Topic<Text, Text> kKeyed{"keyed"};

struct Both {
  Text operator()(const Text* left, const Text* right) const {
    return (left ? *left : "-") + (right ? *right : "-");
  }
};

Topology joined(JoinOptions options, ErrorPolicy errors = {}, SourceOptions source = {}) {
  Builder builder(std::move(errors));
  builder.stream(kLeft, source)
      .join("join", builder.stream(kRight, source), Both{}, options)
      .to(kOut);
  return *builder.build();
}

// Results as "key:value@time".
std::vector<Text> results(TestDriver& t) {
  std::vector<Text> lines;
  for (const auto& [key, value, time] : t.read(kOut)) {
    lines.push_back(key.value_or("null") + ":" + value + "@" + std::to_string(time));
  }
  return lines;
}

TEST(InnerJoin, PairsWhatIsAtMostSoFarApartInEitherOrder) {
  TestDriver t(joined({.within = 10ms}));
  t.send(kLeft, "k", "l", 100);
  t.send(kRight, "k", "a", 90);
  t.send(kRight, "k", "b", 110);
  t.send(kRight, "k", "c", 111);
  EXPECT_THAT(results(t), ElementsAre("k:la@100", "k:lb@110"));
  t.send(kLeft, "k", "m", 121);
  EXPECT_THAT(results(t), ElementsAre("k:mc@121"));  // b is 11 away.
}

TEST(InnerJoin, PairsOnlyEqualKeys) {
  TestDriver t(joined({.within = 10ms}));
  t.send(kLeft, "a", "l", 1);
  t.send(kRight, "b", "r", 1);
  EXPECT_THAT(results(t), IsEmpty());
}

TEST(InnerJoin, GivesEveryPairOnce) {
  TestDriver t(joined({.within = 10ms}));
  t.send(kLeft, "k", "1", 1);
  t.send(kLeft, "k", "2", 2);
  t.send(kRight, "k", "a", 3);
  t.send(kRight, "k", "b", 4);
  EXPECT_THAT(results(t), UnorderedElementsAre("k:1a@3", "k:2a@3", "k:1b@4", "k:2b@4"));
  t.drain();
  EXPECT_THAT(results(t), IsEmpty());
}

TEST(InnerJoin, LooksBackAndAheadByItsOwnSpans) {
  // The right record must come 2 before to 5 after the left one.
  TestDriver t(joined({.before = 2ms, .after = 5ms}));
  t.send(kLeft, "k", "l", 100);
  for (const auto& [name, at] : {std::pair{"a", 97}, {"b", 98}, {"c", 105}, {"d", 106}}) {
    t.send(kRight, "k", name, at);
  }
  EXPECT_THAT(results(t), ElementsAre("k:lb@100", "k:lc@105"));
}

TEST(InnerJoin, OfAnOrderAndAPaymentStrictlyAfterIt) {
  TestDriver t(joined({.before = 0ms, .after = 60s}));
  t.send(kLeft, "k", "order", 10'000);
  t.send(kRight, "k", "+early", 9'999);
  t.send(kRight, "k", "+same", 10'000);
  t.send(kRight, "k", "+last", 70'000);
  t.send(kRight, "k", "+late", 70'001);
  EXPECT_THAT(results(t), ElementsAre("k:order+same@10000", "k:order+last@70000"));
}

TEST(InnerJoin, TakesValuesWhereBothAreThere) {
  Builder builder;
  builder.stream(kLeft)
      .join("join", builder.stream(kRight), [](const Text& l, const Text& r) { return l + r; },
            {.within = 1ms})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "l", 1);
  t.send(kRight, "k", "r", 1);
  EXPECT_THAT(results(t), ElementsAre("k:lr@1"));
}

TEST(InnerJoin, CountsRecordsWithoutAKeyAndGoesOn) {
  TestDriver t(joined({.within = 10ms}));
  t.send(kLeft, std::nullopt, "l", 1);
  t.send(kRight, std::nullopt, "r", 1);
  t.send(kLeft, "k", "l", 2);
  t.send(kRight, "k", "r", 2);
  EXPECT_EQ(t.discarded("null_key"), 2u);
  EXPECT_THAT(results(t), ElementsAre("k:lr@2"));
}

TEST(InnerJoin, KeepsRecordsWithoutAKeyAsDeadLettersWhereThereAreSome) {
  TestDriver t(joined({.within = 10ms}, {.dead_letters = "dead"}));
  t.send(kLeft, std::nullopt, "l", 1);
  const auto dead = t.dead_letters();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].value, "l");
  EXPECT_FALSE(dead[0].key);
}

TEST(InnerJoin, LetsAPredicateDecide) {
  Builder builder;
  builder.stream(kLeft)
      .join("join", builder.stream(kRight),
            [](const Text* l, const Text* r) -> std::optional<Text> {
              if (l->size() != r->size()) return std::nullopt;
              return *l + *r;
            },
            {.within = 10ms})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "ll", 1);
  t.send(kRight, "k", "r", 2);
  t.send(kRight, "k", "rr", 3);
  EXPECT_THAT(results(t), ElementsAre("k:llrr@3"));
}

TEST(LeftJoin, GivesALoneLeftRecordWhenNoPartnerCanComeAnyMore) {
  TestDriver t(joined({.within = 10ms, .grace = 5ms, .type = JoinType::left}));
  t.send(kLeft, "k", "l", 100);
  t.send(kLeft, "z", "x", 115);
  t.send(kRight, "z", "x", 115);
  EXPECT_THAT(results(t), ElementsAre("z:xx@115"));  // 115 is still in time.
  t.send(kLeft, "w", "y", 116);
  EXPECT_THAT(results(t), IsEmpty());  // The right side is at 115 yet.
  t.send(kRight, "q", "y", 116);
  EXPECT_THAT(results(t), ElementsAre("k:l-@100"));
}

TEST(LeftJoin, SaysNothingOfALoneRightRecord) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::left}));
  t.send(kRight, "k", "r", 100);
  t.drain();
  EXPECT_THAT(results(t), IsEmpty());
}

TEST(LeftJoin, WaitsNoLongerThanItLooksAhead) {
  TestDriver t(joined({.before = 1h, .after = 0ms, .type = JoinType::left}));
  t.send(kLeft, "k", "l", 100);
  t.send(kRight, "z", "r", 101);
  t.send(kLeft, "y", "m", 101);
  EXPECT_THAT(results(t), ElementsAre("k:l-@100"));
}

TEST(LeftJoin, GivesARecordWithoutAKeyAtOnce) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::left}));
  t.send(kLeft, std::nullopt, "l", 100);
  EXPECT_THAT(results(t), ElementsAre("null:l-@100"));
  t.send(kRight, std::nullopt, "r", 100);
  EXPECT_EQ(t.discarded("null_key"), 1u);
}

TEST(LeftJoin, APredicateThatRefusesLeavesItAlone) {
  Builder builder;
  builder.stream(kLeft)
      .join("join", builder.stream(kRight),
            [](const Text* l, const Text* r) -> std::optional<Text> {
              if (r != nullptr && *l != *r) return std::nullopt;
              return *l + (r ? *r : "-");
            },
            {.within = 10ms, .type = JoinType::left})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "x", 100);
  t.send(kRight, "k", "y", 100);
  t.drain();
  EXPECT_THAT(results(t), ElementsAre("k:x-@100"));
}

TEST(OuterJoin, GivesWhatFoundNobodyOnEitherSide) {
  TestDriver t(joined({.before = 3ms, .after = 7ms, .type = JoinType::outer}));
  t.send(kLeft, "a", "l", 100);   // Waits to 107.
  t.send(kRight, "b", "r", 100);  // Waits to 103.
  t.send(kLeft, "z", "m", 104);
  t.send(kRight, "z", "m", 104);
  EXPECT_THAT(results(t), ElementsAre("b:-r@100", "z:mm@104"));
  t.send(kLeft, "z", "n", 108);
  t.send(kRight, "y", "n", 108);
  EXPECT_THAT(results(t), ElementsAre("a:l-@100"));
  t.drain();
  EXPECT_THAT(results(t), UnorderedElementsAre("z:n-@108", "y:-n@108"));
}

TEST(OuterJoin, ClosesARecordThatCameOutOfOrderByItsOwnTime) {
  TestDriver t(joined({.within = 10ms, .grace = 20ms, .type = JoinType::outer}));
  t.send(kLeft, "k", "x", 130);
  t.send(kRight, "z", "y", 130);
  t.send(kLeft, "k", "old", 105);  // In time: 105 + 10 + 20 is not past yet.
  EXPECT_THAT(results(t), IsEmpty());
  t.send(kLeft, "q", "x", 136);
  t.send(kRight, "q", "x", 136);
  EXPECT_THAT(results(t), UnorderedElementsAre("k:old-@105", "q:xx@136"));
}

TEST(OuterJoin, ALateRecordDoesNotJoinAndIsCounted) {
  TestDriver t(joined({.within = 10ms, .grace = 5ms, .type = JoinType::outer}));
  t.send(kRight, "k", "r", 100);
  t.send(kLeft, "z", "x", 115);
  t.send(kLeft, "k", "in-time", 100);
  t.send(kLeft, "k", "late", 99);  // Its partition is past 99 + 10 + 5.
  EXPECT_EQ(t.discarded("late"), 1u);
  t.drain();
  EXPECT_THAT(results(t), UnorderedElementsAre("k:in-timer@100", "z:x-@115"));
}

// The row was due, by the time of its partner's partition: had the right side been read further, it
// would be out already. So it comes out in either case.
TEST(OuterJoin, ARowThatWasDueComesOutAlthoughItPairsLater) {
  TestDriver t(joined({.within = 10ms, .grace = 5ms, .type = JoinType::outer}));
  t.send(kRight, "k", "r", 100);
  t.send(kLeft, "z", "x", 116);
  t.send(kLeft, "k", "l", 101);
  t.drain();
  EXPECT_THAT(results(t), UnorderedElementsAre("k:lr@101", "k:-r@100", "z:x-@116"));
}

// A partition without records has held nobody back: what others have closed stays closed.
TEST(OuterJoin, TheFirstRecordOfAPartitionMayBeLateForTheOthers) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}));
  t.send(kLeft, "k", "l", 100);
  t.send(kRight, "k", "r", 89);
  EXPECT_EQ(t.discarded("late"), 1u);
  t.send(kRight, "k", "r", 90);
  EXPECT_THAT(results(t), ElementsAre("k:lr@100"));
}

TEST(OuterJoin, IsLateByItsOwnPartitionOnly) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}), {.partitions = 2});
  t.send(kLeft, "k", "far", 10'000, 1);
  t.send(kLeft, "k", "l", 100, 0);
  t.send(kRight, "k", "r", 100, 0);
  EXPECT_EQ(t.discarded("late"), 0u);
  EXPECT_THAT(results(t), ElementsAre("k:lr@100"));
}

TEST(OuterJoin, ClosesWhenQuietPartitionsAreIdle) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}, {}, {.idle = 10s}));
  t.send(kRight, "z", "r", 50);
  t.send(kLeft, "k", "l", 100);
  t.advance(9s);
  EXPECT_THAT(results(t), IsEmpty());
  t.advance(1s);
  EXPECT_THAT(results(t), UnorderedElementsAre("k:l-@100", "z:-r@50"));
}

TEST(OuterJoin, NeverIdleWaitsForEver) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}, {}, {.idle = 0s}));
  t.send(kLeft, "k", "l", 100);
  t.send(kRight, "z", "r", 50);
  t.advance(24h);
  EXPECT_THAT(results(t), IsEmpty());
}

TEST(OuterJoin, WaitsOverACrashWithAndWithoutItsDisk) {
  for (const bool keep_state : {false, true}) {
    TestDriver t(joined({.within = 10ms, .type = JoinType::outer}));
    t.send(kLeft, "a", "l", 100);
    t.send(kLeft, "b", "m", 101);
    t.crash(keep_state);
    t.send(kRight, "a", "r", 102);
    EXPECT_THAT(results(t), ElementsAre("a:lr@102"));
    t.crash(keep_state);
    t.drain();
    EXPECT_THAT(results(t), ElementsAre("b:m-@101"));
  }
}

TEST(OuterJoin, RemembersOverACrashWhoHasFoundAPartner) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}));
  t.send(kLeft, "a", "l", 100);
  t.send(kRight, "a", "r", 101);
  t.crash();
  results(t);
  t.drain();
  EXPECT_THAT(results(t), IsEmpty());
}

TEST(OuterJoin, ForgetsWhatACrashTookBeforeItsCommit) {
  TestDriver t(joined({.within = 10ms, .type = JoinType::outer}), {.commit_each = false});
  t.send(kLeft, "a", "l", 100);
  t.commit();
  t.send(kRight, "a", "r", 101);
  t.crash(true);
  EXPECT_THAT(results(t), IsEmpty());  // The pair was never committed; it is made again.
  t.commit();
  EXPECT_THAT(results(t), ElementsAre("a:lr@101"));
}

TEST(AntiJoin, GivesOnlyWhatFoundNobody) {
  Builder builder;
  builder.stream(kLeft)
      .anti_join("unpaid", builder.stream(kRight), {.before = 0ms, .after = 10ms})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "a", "l", 100);
  t.send(kLeft, "b", "m", 100);
  t.send(kRight, "a", "r", 110);
  t.send(kRight, "b", "too late", 111);
  t.drain();
  EXPECT_THAT(results(t), ElementsAre("b:m@100"));
}

TEST(Join, OfStreamsWithNewKeysGoesThroughRepartitionTopics) {
  Builder builder;
  const auto first = [](const Text& value) { return value.substr(0, 1); };
  builder.stream(kLeft)
      .rekey(first)
      .join("join", builder.stream(kRight).rekey(first), Both{}, {.within = 10ms})
      .to(kKeyed);
  TestDriver t(*builder.build(), {.partitions = 3});
  t.send(kLeft, std::nullopt, "ax", 100, 0);
  t.send(kRight, "any", "ay", 105, 2);
  EXPECT_THAT(t.read(kKeyed), ElementsAre(OwnedRecord<Text, Text>{"a", "axay", 105}));
  EXPECT_EQ(t.read("join-left-repartition").empty(), false);
}

TEST(Join, ThroughRepartitionTopicsDoesNotDependOnWhichSideIsReadFirst) {
  const auto run = [](bool left_first) {
    Builder builder;
    const auto first = [](const Text& value) { return value.substr(0, 1); };
    builder.stream(kLeft)
        .rekey(first)
        .join("join", builder.stream(kRight).rekey(first), Both{},
              {.within = 10ms, .type = JoinType::outer})
        .to(kKeyed);
    TestDriver t(*builder.build(), {.partitions = 2});
    for (const int partition : {0, 1}) {  // Who has no record yet would hold nobody back.
      t.send(kLeft, "n", "begin", 0, partition);
      t.send(kRight, "n", "begin", 0, partition);
    }
    const auto lefts = [&] {
      for (int at = 1; at < 100; ++at)
        t.send(kLeft, "n", "a" + std::to_string(at), at * 30, at % 2);
    };
    if (left_first) lefts();
    for (int at = 1; at < 100; ++at) t.send(kRight, "n", "a" + std::to_string(at), at * 30, 0);
    if (!left_first) lefts();
    t.drain();
    std::vector<Text> all;
    for (const auto& record : t.read(kKeyed)) all.push_back(record.value);
    std::sort(all.begin(), all.end());
    return all;
  };
  const std::vector<Text> pairs = run(true);
  EXPECT_EQ(pairs.size(), 99u + 4u);
  EXPECT_EQ(pairs.front(), "a10a10");
  EXPECT_EQ(run(false), pairs);
}

TEST(Join, IsDescribedWithItsSpansItsStoresAndItsSides) {
  EXPECT_EQ(joined({.before = 0s, .after = 1min, .grace = 30s, .type = JoinType::left}).describe(),
            R"(sub-topology 0
  source-left: source, reads 'left' (bytes, bytes), idle after 1m
    --> join
  source-right: source, reads 'right' (bytes, bytes), idle after 1m
    --> join
  join: join (left, before 0s, after 1m, grace 30s)
    <-- source-left (left)
    <-- source-right (right)
    --> sink-3
    store join-left: join, kept 1m30s
    store join-right: join, kept 1m30s
  sink-3: sink, writes 'out' (bytes, bytes)
    <-- join
  as many partitions each: 'left' 'right'

errors
  bad records: stop the job
  late records: dropped
  duplicates: dropped
)");
}

TEST(Join, OfAStreamWithItselfIsRefusedOrWorks) {
  Builder builder;
  const auto stream = builder.stream(kLeft);
  stream.join("self", stream, Both{}, {.within = 5ms}).to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "a", 1);
  t.send(kLeft, "k", "b", 2);
  // Each record meets itself once, and each other one in both roles.
  EXPECT_THAT(results(t), UnorderedElementsAre("k:aa@1", "k:ab@2", "k:ba@2", "k:bb@2"));
}

std::string refusal(JoinOptions options) {
  Builder builder;
  builder.stream(kLeft).join("j", builder.stream(kRight), Both{}, options).to(kOut);
  const Result<Topology> plan = builder.build();
  return plan ? "" : plan.error().to_string();
}

TEST(Join, NeedsASpanThatMakesSense) {
  EXPECT_THAT(refusal({}), HasSubstr("'j': how far apart may two records be? Set 'within'"));
  EXPECT_THAT(refusal({.within = 1s, .after = 1s}), HasSubstr("not both"));
  EXPECT_THAT(refusal({.within = -1s}), HasSubstr("'within' cannot be negative"));
  EXPECT_THAT(refusal({.before = -1s, .after = 1s}), HasSubstr("'before' cannot be negative"));
  EXPECT_THAT(refusal({.before = 1s, .after = -1s}), HasSubstr("'after' cannot be negative"));
  EXPECT_THAT(refusal({.within = 1s, .grace = -1s}), HasSubstr("'grace' cannot be negative"));
  EXPECT_THAT(refusal({.within = 24h * 365 * 101}), HasSubstr("'within' is over a century"));
  EXPECT_EQ(refusal({.before = 0s, .after = 0s}), "");
}

}  // namespace
}  // namespace weir::join_test
