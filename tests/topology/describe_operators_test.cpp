// What describe() says of each operator: its options in words, its stores and how long they keep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/aggregate.h>
#include <weir/stream.h>

namespace weir::describe_operators_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

using Text = std::string;
using Number = std::int64_t;
const Topic<Text, Number> kIn{"in"};
const Topic<Text, Number> kOther{"other"};
const Topic<Text, Number> kOut{"out"};
const Topic<NoKey, Number> kNoKeys{"no-keys"};
const Topic<Windowed<Text>, Number> kCounts{"counts"};

// The description of a plan that starts with the stream of kIn.
template <class F>
Text described(F make, ErrorPolicy errors = {}) {
  Builder builder(std::move(errors));
  make(builder.stream(kIn), builder);
  const Result<Topology> plan = builder.build();
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().text);
  return plan ? plan->describe() : "";
}

const auto kSum = [](const Number* a, const Number* b) {
  return (a != nullptr ? *a : 0) + (b != nullptr ? *b : 0);
};

TEST(DescribeOperators, Windows) {
  const auto windowed = [](auto windows, Emit emit = Emit::on_close) {
    return described([&](const Stream<Text, Number>& in, Builder&) {
      in.group_by_key().windowed(windows).count("c", emit).to(kCounts);
    });
  };
  const Text tumbling = windowed(Windows{.size = 1min, .grace = 30s});
  EXPECT_THAT(tumbling, HasSubstr("  c: aggregate (size 1m, grace 30s, on close)\n"));
  EXPECT_THAT(tumbling, HasSubstr("    store c: window, kept 1m30s\n"));
  EXPECT_THAT(tumbling, Not(HasSubstr("repartition")));  // Keyed by its producers.
  EXPECT_THAT(windowed(Windows{.size = 10s, .every = 5s}, Emit::on_update),
              HasSubstr("  c: aggregate (size 10s, every 5s, grace 0s, on update)\n"));
  const Text per_event = windowed(PerEvent{.size = 90s, .grace = 1s});
  EXPECT_THAT(per_event, HasSubstr("(size 1m30s, every event, grace 1s, on close)\n"));
  const Text session = windowed(Session{.gap = 30min, .grace = 5min});
  EXPECT_THAT(session, HasSubstr("(gap 30m, grace 5m, on close)\n"));
  EXPECT_THAT(session, HasSubstr("    store c: session, kept "));
}

TEST(DescribeOperators, GlobalAggregatesInTwoPhases) {
  const Text text = described([](const Stream<Text, Number>& in, Builder&) {
    in.group_all().windowed({.size = 1min}).count("all").for_each([](Number) {});
  });
  EXPECT_THAT(text, HasSubstr("  all-partial: partial (size 1m, grace 0s, on close)\n"
                              "    <-- source-in\n"
                              "    --> all-write\n"));
  EXPECT_THAT(text, HasSubstr("writes repartition topic 'all' of 1 partition\n"));
  EXPECT_THAT(text, HasSubstr("sub-topology 1\n"
                              "  all-read: source, reads repartition topic 'all' of 1 partition\n"
                              "    --> all\n"
                              "  all: aggregate (size 1m, grace 0s, on close)\n"));
}

TEST(DescribeOperators, JoinsSayTheirSpansAndKeepBothSides) {
  const auto joined = [](const JoinOptions& options) {
    return described([&](const Stream<Text, Number>& in, Builder& builder) {
      in.join("pairs", builder.stream(kOther), kSum, options).to(kOut);
    });
  };
  const Text outer = joined({.within = 30min, .grace = 1min, .type = JoinType::outer});
  EXPECT_THAT(outer, HasSubstr("  pairs: join (outer, within 30m, grace 1m)\n"));
  EXPECT_THAT(outer, HasSubstr("    store pairs-left: join, kept 1h1m\n"
                               "    store pairs-right: join, kept 1h1m\n"));
  EXPECT_THAT(joined({.before = 0s, .after = 1min}),
              HasSubstr("  pairs: join (inner, before 0s, after 1m, grace 0s)\n"));
}

TEST(DescribeOperators, AntiJoinMatchAndDeduplicate) {
  const auto id = [](Number n) { return n; };
  const Text text = described([&](const Stream<Text, Number>& in, Builder& builder) {
    const auto other = builder.stream(kOther);
    in.anti_join("lonely", other, {.within = 1min}).to(kOut);
    in.match_once("match", other, id, {.within = 15min, .delay = 30s, .remember = 1h})
        .pairs.for_each([](const auto&) {});
    in.deduplicate("once", id, {.within = 10min}).for_each([](Number) {});
  });
  EXPECT_THAT(text, HasSubstr("  lonely: anti_join (anti, within 1m, grace 0s)\n"));
  EXPECT_THAT(text, HasSubstr("  match: match_once (once, within 15m, delay 30s, remember 1h)\n"));
  EXPECT_THAT(text, HasSubstr("    store match: match, kept 1h\n"));
  EXPECT_THAT(text, HasSubstr("  once: deduplicate (within 10m)\n"));
  // Two stages need it, and one line says it.
  const Text partitions = "  as many partitions each: 'in' 'other'\n";
  EXPECT_THAT(text, HasSubstr(partitions));
  EXPECT_THAT(text, Not(HasSubstr(partitions + partitions)));
  EXPECT_THAT(text, HasSubstr("    store once: deduplicate, kept 10m\n"));
}

TEST(DescribeOperators, StatelessOnesByTheirNameOrTheirKind) {
  const Text text = described([](const Stream<Text, Number>& in, Builder& builder) {
    const auto [small, large] = in.branch([](Number n) { return n < 10; });
    small.peek([](Number) {}, {"look"})
        .merge(builder.stream(kOther))
        .flat_map_values([](Number n) { return std::vector<Number>{n}; })
        .map(
            [](const Text& key, Number n) {
              return std::pair{key, n};
            },
            {"turn"})
        .to(kOut);
    large.repartition("wide", {.partitions = 12}).for_each([](Number) {}, {"end"});
  });
  EXPECT_THAT(text, HasSubstr("    --> look\n"));
  EXPECT_THAT(text, HasSubstr("(output 1)\n"));  // The second branch.
  EXPECT_THAT(text, HasSubstr("  look: peek\n"));
  EXPECT_THAT(text, HasSubstr(": flat_map_values\n"));
  EXPECT_THAT(text, HasSubstr("  turn: map\n"));
  EXPECT_THAT(text, HasSubstr("'wide' of 12 partitions\n"));
  EXPECT_THAT(text, HasSubstr("  end: for_each\n"));
}

const KeyValueStore<Text, Number> kTotals{"totals"};
struct Totals {
  using Out = Record<Text, Number>;
  void process(const Out& record, Context<Out>& ctx) { ctx.forward(record); }
};

TEST(DescribeOperators, ProcessorsWithTheStoresTheyUse) {
  const Text text = described([](const Stream<Text, Number>& in, Builder&) {
    in.process("own", Totals{}, {kTotals}).to(kOut);
  });
  EXPECT_THAT(text, HasSubstr("  own: process\n"
                              "    <-- source-in\n"));
  EXPECT_THAT(text, HasSubstr("    store totals: key_value\n"));  // Kept until it is erased.
}

TEST(DescribeOperators, WhatHappensToWhatCannotBeProcessed) {
  const auto copy = [](const Stream<Text, Number>& in, Builder&) { in.to(kOut); };
  EXPECT_THAT(described(copy, {.dead_letters = "d", .late = OnError::drop}),
              HasSubstr("  bad records: to 'd'\n  late records: dropped\n  duplicates: dropped\n"));
  EXPECT_THAT(described(copy, {.dead_letters = "d", .keep_duplicates = true}),
              HasSubstr("  duplicates: to 'd'\n"));
  EXPECT_THAT(described(copy, {.dead_letters = {}, .record = OnError::drop, .late = OnError::stop}),
              HasSubstr("  bad records: dropped\n  late records: stop the job\n"));
}

TEST(DescribeOperators, NullKeysAreLeftOutBeforeTheyAreGathered) {
  const Topic<std::optional<Text>, Number> nullable{"nullable"};
  Builder builder;
  builder.stream(nullable).group_by_key().windowed({.size = 1s}).count("c").to(kCounts);
  EXPECT_THAT(builder.build()->describe(), HasSubstr(": with_key\n"));
}

TEST(DescribeOperators, AnEqualPlanHasAnEqualFingerprintAndAnotherWindowHasNot) {
  const auto fingerprint = [](Duration size, const Text& name) {
    Builder builder;
    builder.stream(kIn).group_by_key().windowed({.size = size}).count(name).to(kCounts);
    return builder.build()->fingerprint(0);
  };
  EXPECT_EQ(fingerprint(1s, "c"), fingerprint(1s, "c"));
  EXPECT_NE(fingerprint(1s, "c"), fingerprint(2s, "c"));
  EXPECT_NE(fingerprint(1s, "c"), fingerprint(1s, "d"));
}

}  // namespace
}  // namespace weir::describe_operators_test
