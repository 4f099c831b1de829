// Deduplication through a plan: what is a repeat, for how long, over crashes and partitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::deduplicate_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Text = std::string;
const Topic<std::optional<Text>, Text> kIn{"in"};
const Topic<Text, Text> kOut{"out"};

Topology firsts(Duration within, ErrorPolicy errors = {}) {
  Builder builder(std::move(errors));
  builder.stream(kIn)
      .deduplicate("firsts", [](const Text& value) { return value; }, {.within = within})
      .to(kOut);
  return *builder.build();
}

std::vector<Text> results(TestDriver& t) {
  std::vector<Text> lines;
  for (const auto& [key, value, time] : t.read(kOut)) {
    lines.push_back(value + "@" + std::to_string(time));
  }
  return lines;
}

TEST(Deduplicate, LetsTheFirstGoOnAndCountsTheOthers) {
  TestDriver t(firsts(10ms));
  for (const Timestamp at : {100, 100, 105, 110}) t.send(kIn, "k", "a", at);
  t.send(kIn, "k", "b", 100);
  EXPECT_THAT(results(t), ElementsAre("a@100", "b@100"));
  EXPECT_EQ(t.discarded("duplicate"), 3u);
}

TEST(Deduplicate, ForgetsOnceTimeIsPastTheFirstAndTheSpan) {
  TestDriver t(firsts(10ms));
  t.send(kIn, "k", "a", 100);
  t.send(kIn, "k", "a", 111);
  EXPECT_THAT(results(t), ElementsAre("a@100", "a@111"));
}

TEST(Deduplicate, ARepeatDoesNotProlongWhatIsRemembered) {
  TestDriver t(firsts(10ms));
  t.send(kIn, "k", "a", 100);
  t.send(kIn, "k", "a", 109);
  t.send(kIn, "k", "a", 112);
  EXPECT_THAT(results(t), ElementsAre("a@100", "a@112"));
}

TEST(Deduplicate, KnowsAnEarlierRepeatThatComesLater) {
  TestDriver t(firsts(10ms));
  t.send(kIn, "k", "a", 100);
  t.send(kIn, "k", "a", 91);
  EXPECT_THAT(results(t), ElementsAre("a@100"));
  t.send(kIn, "k", "a", 89);  // Further away than the span.
  EXPECT_THAT(results(t), ElementsAre("a@89"));
}

TEST(Deduplicate, RemembersOverACrashWithAndWithoutItsDisk) {
  for (const bool keep_state : {false, true}) {
    TestDriver t(firsts(1h));
    t.send(kIn, "k", "a", 100);
    t.crash(keep_state);
    t.send(kIn, "k", "a", 200);
    EXPECT_THAT(results(t), ElementsAre("a@100"));
    EXPECT_EQ(t.discarded("duplicate"), 1u);
  }
}

TEST(Deduplicate, ARecordThatWasNeverCommittedWasNeverSeen) {
  TestDriver t(firsts(1h), {.commit_each = false});
  t.send(kIn, "k", "a", 100);
  t.crash(true);
  t.commit();
  EXPECT_THAT(results(t), ElementsAre("a@100"));
  EXPECT_EQ(t.discarded("duplicate"), 0u);
}

TEST(Deduplicate, CountsRecordsWithoutAKey) {
  TestDriver t(firsts(1h));
  t.send(kIn, std::nullopt, "a", 100);
  EXPECT_THAT(results(t), IsEmpty());
  EXPECT_EQ(t.discarded("null_key"), 1u);
}

TEST(Deduplicate, RepeatsAreDeadLettersOnlyWhereThatIsAsked) {
  for (const bool keep : {false, true}) {
    TestDriver t(firsts(1h, {.dead_letters = "dead", .keep_duplicates = keep}));
    t.send(kIn, "k", "a", 100);
    t.send(kIn, "k", "a", 100);
    EXPECT_EQ(t.dead_letters().size(), keep ? 1u : 0u);
    EXPECT_EQ(t.discarded("duplicate"), 1u);
  }
}

TEST(Deduplicate, ByAKeyOfItsOwnGoesThroughARepartitionTopic) {
  Builder builder;
  builder.stream(kIn)
      .rekey([](const Text& value) { return value; })
      .deduplicate("firsts", [](const Text& value) { return value; }, {.within = 1h})
      .to(kOut);
  TestDriver t(*builder.build(), {.partitions = 3});
  for (int partition = 0; partition < 3; ++partition) {
    t.send(kIn, std::nullopt, "a", 100 + partition, partition);
    t.send(kIn, "other", "b", 100 + partition, partition);
  }
  EXPECT_EQ(results(t).size(), 2u);
  EXPECT_EQ(t.discarded("duplicate"), 4u);
}

TEST(Deduplicate, IsDescribedWithItsSpan) {
  EXPECT_THAT(firsts(90s).describe(), HasSubstr("firsts: deduplicate (within 1m30s)"));
}

TEST(Deduplicate, NeedsASpanThatMakesSense) {
  const auto refusal = [](Duration within) {
    Builder builder;
    builder.stream(kIn).deduplicate("d", [](const Text& value) { return value; },
                                    {.within = within});
    const Result<Topology> plan = builder.build();
    return plan ? Text() : plan.error().to_string();
  };
  EXPECT_THAT(refusal(0ms), HasSubstr("'d': 'within' must be above zero"));
  EXPECT_THAT(refusal(-1ms), HasSubstr("'within' cannot be negative"));
}

}  // namespace
}  // namespace weir::deduplicate_test
