// Operators without state, and processors of one's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::stateless_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Number = std::int64_t;
using Out = OwnedRecord<std::string, Number>;

const Topic<std::string, Number> kIn{"in"};
const Topic<std::string, Number> kOther{"other"};
const Topic<std::string, Number> kA{"a"};
const Topic<std::string, Number> kB{"b"};
const Topic<std::string, Number> kC{"c"};

TEST(Branch, FollowsTheFirstPredicateThatHolds) {
  Builder builder;
  const auto [even, big, rest] = builder.stream(kIn).branch([](Number n) { return n % 2 == 0; },
                                                            [](Number n) { return n > 10; });
  even.to(kA);
  big.to(kB);
  rest.to(kC);
  TestDriver t(*builder.build());
  for (const Number n : {12, 13, 3}) t.send(kIn, "k", n, n);
  EXPECT_THAT(t.read(kA), ElementsAre(Out{"k", 12, 12}));
  EXPECT_THAT(t.read(kB), ElementsAre(Out{"k", 13, 13}));
  EXPECT_THAT(t.read(kC), ElementsAre(Out{"k", 3, 3}));
}

TEST(Stateless, OperatorsWorkOnValuesKeysAndRecords) {
  Builder builder;
  std::vector<Number> seen;
  builder.stream(kIn)
      .merge(builder.stream(kOther))
      .filter([](const std::string& key, Number) { return key != "no"; })
      .map_values([](const Record<std::string, Number>& r) { return r.value + r.timestamp; })
      .flat_map_values([](Number n) {
        return std::vector<Number>{n, n + 1};
      })
      .peek([&seen](Number n) { seen.push_back(n); })
      .map([](const std::string& key, Number n) {
        return std::pair{key + "!", n * 10};
      })
      .to(kA);
  TestDriver t(*builder.build());
  t.send(kIn, "yes", 1, 5);
  t.send(kOther, "no", 2, 6);
  t.send(kOther, "yes", 3, 7);
  EXPECT_THAT(t.read(kA), ElementsAre(Out{"yes!", 60, 5}, Out{"yes!", 70, 5}, Out{"yes!", 100, 7},
                                      Out{"yes!", 110, 7}));
  EXPECT_THAT(seen, ElementsAre(6, 7, 10, 11));
}

TEST(Require, RefusesWithoutMovingTime) {
  Builder builder(ErrorPolicy{.dead_letters = "dead"});
  builder.stream(kIn).require("n > 0", [](Number n) { return n > 0; }).to(kA);
  TestDriver t(*builder.build());
  t.send(kIn, "k", -1, 1'000);
  EXPECT_EQ(t.discarded("require"), 1u);
  EXPECT_EQ(t.dead_letters().size(), 1u);
  EXPECT_EQ(t.stream_time("in"), kNoTime);
}

const KeyValueStore<std::string, Number> kTotals{"totals"};

// Adds up values by key, and tells the total whenever ten milliseconds of stream time are over.
struct Totals {
  using Out = Record<std::string, Number>;
  Store<std::string, Number>* totals = nullptr;

  void init(Context<Out>& ctx) {
    totals = &ctx.store(kTotals);
    ctx.schedule(10ms, Clock::stream_time);
    ctx.schedule(1min, Clock::wall_clock);
  }
  void process(const Record<std::string, Number>& record, Context<Out>&) {
    totals->put(record.key, totals->get(record.key).value_or(0) + record.value);
  }
  void punctuate(Punctuation call, Context<Out>& ctx) {
    totals->each([&](const std::string& key, const Number& total) {
      ctx.forward({call.id == 0 ? key : key + " by the clock", total, call.time});
      return true;
    });
  }
};

TEST(Processor, KeepsItsStoreOverACrashAndIsCalledByBothClocks) {
  Builder builder;
  builder.stream(kIn, {.idle = 0s}).process("totals", Totals{}, {kTotals}).to(kA);
  TestDriver t(*builder.build());
  t.send(kIn, "k", 1, 1);
  t.send(kIn, "k", 2, 5);
  t.crash();
  t.read(kA);
  EXPECT_EQ(t.store(kTotals).get("k"), 3);
  t.send(kIn, "k", 4, 25);
  EXPECT_THAT(t.read(kA), testing::Contains(Out{"k", 3, 25}));  // Before the record itself.
  t.advance(61s);
  EXPECT_THAT(t.read(kA), ElementsAre(testing::Field(&Out::value, 7)));
}

}  // namespace
}  // namespace weir::stateless_test
