// Misuse that compiles and would go wrong in silence: refused, or right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/aggregate.h>
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::trap_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Number = std::int64_t;
using Text = std::string;
const Topic<Number, Number> kA{"a"};
const Topic<Number, Number> kB{"b"};
const Topic<Number, Number> kC{"c"};
const Topic<Number, Number> kOut{"out"};
const Topic<Windowed<Number>, Number> kCounts{"counts"};

Text refusal(Builder& builder) {
  const Result<Topology> plan = builder.build();
  return plan ? "" : plan.error().to_string();
}

Number plus(const Number& left, const Number& right) { return left + right; }
Number same(Number n) { return n; }

// Where producers put a key.
int place_of(Number key) {
  Builder builder;
  builder.stream(kA).to(kOut);
  TestDriver t(*builder.build(), {.partitions = 4});
  t.send(kA, key, 0, 0);
  return t.read("out").at(0).partition;
}

// Keys that are numbers lie elsewhere behind a repartition topic than where producers put them.
TEST(Trap, AJoinOfAJoinMeetsEveryKeyWhateverItsType) {
  Builder builder;
  builder.stream(kA)
      .rekey(same)
      .join("first", builder.stream(kB), plus, {.within = 1h})
      .join("second", builder.stream(kC), plus, {.within = 1h})
      .to(kOut);
  const Topology plan = *builder.build();
  TestDriver t(plan, {.partitions = 4});
  for (Number key = 0; key < 16; ++key) {
    t.send(kA, 99, key, 10, static_cast<int>(key % 4));
    t.send(kB, key, 100, 10, place_of(key));
    t.send(kC, key, 1000, 10, place_of(key));
  }
  EXPECT_THAT(t.read(kOut), SizeIs(16));
}

TEST(Trap, AMergeOfDifferentlyPlacedStreamsIsPlacedAnew) {
  Builder builder;
  builder.stream(kA)
      .rekey(same)
      .repartition("placed")
      .merge(builder.stream(kB))
      .group_by_key()
      .windowed(Windows{.size = 1h})
      .count("counts")
      .to(kCounts);
  TestDriver t(*builder.build(), {.partitions = 4});
  for (Number key = 0; key < 16; ++key) {
    t.send(kA, 99, key, 10, static_cast<int>(key % 4));
    t.send(kB, key, 1, 10, place_of(key));
  }
  t.drain();
  const auto counts = t.read(kCounts);
  EXPECT_THAT(counts, SizeIs(16));
  for (const auto& count : counts) EXPECT_EQ(count.value, 2) << count.key.key;
}

TEST(Trap, TextKeysNeedNoSecondTopic) {
  const Topic<Text, Number> texts{"texts"};
  const Topic<Text, Number> others{"others"};
  Builder builder;
  builder.stream(texts)
      .rekey([](Number n) { return std::to_string(n); })
      .join("join", builder.stream(others), plus, {.within = 1h})
      .join("again", builder.stream(others), plus, {.within = 1h})
      .for_each([](Number) {});
  const Text words = builder.build()->describe();
  EXPECT_THAT(words, HasSubstr("'join-left'"));
  EXPECT_THAT(words, testing::Not(HasSubstr("'join-right'")));
  EXPECT_THAT(words, testing::Not(HasSubstr("'again-left'")));
}

TEST(Trap, ATopicIsReadInOneWay) {
  Builder builder;
  builder.stream(kA).to(kOut);
  builder.stream(kA, [](Number n) { return Timestamp{n}; }).to(kB);
  EXPECT_THAT(refusal(builder), HasSubstr("the topic 'a' is read in two ways"));
  builder.stream(kA).to(kOut);
  builder.stream(kA, {.idle = 5s}).to(kB);
  EXPECT_THAT(refusal(builder), HasSubstr("the topic 'a' is read in two ways"));
  builder.stream(kA, {.idle = 5s}).to(kOut);
  builder.stream(kA, {.idle = 5s}).to(kB);
  EXPECT_EQ(refusal(builder), "");
}

TEST(Trap, StreamsOfTwoBuildersDoNotMeet) {
  Builder builder, other;
  const auto foreign = other.stream(kB);
  builder.stream(kA).merge(foreign).to(kOut);
  EXPECT_THAT(refusal(builder), HasSubstr("two streams of different builders meet"));
  builder.stream(kA).join("j", foreign, plus, {.within = 1s}).to(kOut);
  EXPECT_THAT(refusal(builder), HasSubstr("two streams of different builders meet"));
  builder.stream(kA).match_once("m", foreign, same, {.within = 1s});
  EXPECT_THAT(refusal(builder), HasSubstr("two streams of different builders meet"));
}

TEST(Trap, TooManyOverlappingWindowsAreRefused) {
  const auto refused = [](Duration size, Duration every) {
    Builder builder;
    builder.stream(kA)
        .group_by_key()
        .windowed(Windows{.size = size, .every = every})
        .count("c")
        .to(kCounts);
    return refusal(builder);
  };
  EXPECT_THAT(refused(24h, 1s), HasSubstr("'c': more than 10000 windows would overlap"));
  EXPECT_EQ(refused(10'000s, 1s), "");
}

TEST(Trap, RecordsWithoutAnIdAreNobodysRepeats) {
  const Topic<Text, Text> texts{"texts"};
  Builder builder;
  builder.stream(texts)
      .deduplicate("firsts",
                   [](const Text& value) -> std::optional<Text> {
                     if (value.empty()) return std::nullopt;
                     return value;
                   },
                   {.within = 1h})
      .to(Topic<Text, Text>{"out"});
  TestDriver t(*builder.build());
  for (const char* value : {"", "a", "", "a", ""}) t.send(texts, "k", value, 1);
  EXPECT_EQ(t.discarded("duplicate"), 1u);
  EXPECT_THAT(t.read("out"), SizeIs(4));
}

TEST(Trap, AReduceOverOverlappingWindowsKeepsTheOrderOfRecords) {
  const Topic<Text, Text> texts{"texts"};
  const Topic<Windowed<Text>, Text> folded{"folded"};
  Builder builder;
  builder.stream(texts)
      .group_by_key()
      .windowed(Windows{.size = 10ms, .every = 5ms, .grace = 1h})
      .reduce("fold", [](Text& all, const Text& next) { all += next; })
      .to(folded);
  TestDriver t(*builder.build());
  t.send(texts, "k", "1", 6);
  t.send(texts, "k", "2", 1);
  t.send(texts, "k", "3", 7);
  t.drain();
  const auto results = t.read(folded);
  const auto first = std::find_if(results.begin(), results.end(),
                                  [](const auto& result) { return result.key.window.start == 0; });
  ASSERT_NE(first, results.end());
  EXPECT_EQ(first->value, "123");
}

struct Sum {
  Number total = 0;
  void add(const Number& n) { total += n; }
  void merge(const Sum& other) { total += other.total; }
  void write(std::string& out) const { append_zigzag(out, total); }
  bool read(std::string_view& in) { return read_zigzag(in, total); }
};

TEST(Trap, AnInitialValueCountsOncePerWindow) {
  for (const Emit emit : {Emit::on_close, Emit::on_update}) {
    Builder builder;
    builder.stream(kA)
        .group_by_key()
        .windowed(Windows{.size = 10ms, .every = 5ms})
        .aggregate("sums", Sum{100}, &Sum::add, emit)
        .map_values([](const Sum& sum) { return sum.total; })
        .to(kCounts);
    TestDriver t(*builder.build());
    t.send(kA, 1, 1, 12);
    t.send(kA, 1, 1, 17);
    t.drain();
    Number last = 0;
    for (const auto& result : t.read(kCounts)) {
      if (result.key.window.start == 10) last = result.value;
    }
    EXPECT_EQ(last, 102);
  }
}

TEST(Trap, AnInitialValueThatIsMergedMustBeNeutral) {
  Builder builder;
  builder.stream(kA).group_all().windowed(Windows{.size = 1s}).aggregate("g", Sum{1}, &Sum::add);
  EXPECT_THAT(refusal(builder), HasSubstr("'g': merging the initial value in changes the result"));
}

// As in Kafka Streams: a record starts from the initial value, whatever it then joins into one.
TEST(Trap, EachRecordOfASessionStartsFromTheInitialValue) {
  Builder builder;
  const auto sessions = builder.stream(kA).group_by_key().windowed(Session{.gap = 1s});
  const auto total = [](const Sum& sum) { return sum.total; };
  sessions.aggregate("s", Sum{1}, &Sum::add).map_values(total).to(kCounts);
  TestDriver t(*builder.build());
  for (const Timestamp at : {0, 500, 9'000}) t.send(kA, 1, 10, at);
  const auto results = t.read(kCounts);
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].value, 1 + 10 + 1 + 10);
}

TEST(Trap, PlansWhoseStateHoldsOtherTypesAreNotEqual) {
  const auto plan = [](auto aggregate) {
    Builder builder;
    auto windowed = builder.stream(kA).group_by_key().windowed(Windows{.size = 1s});
    windowed.aggregate("c", aggregate, [](auto&, const Number&) {});
    return *builder.build();
  };
  EXPECT_EQ(plan(Sum{}).fingerprint(0), plan(Sum{}).fingerprint(0));
  EXPECT_EQ(plan(Sum{}), plan(Sum{}));
  const auto count_of = aggregates(count()).start();
  EXPECT_NE(plan(Sum{}).fingerprint(0), plan(count_of).fingerprint(0));
  EXPECT_FALSE(plan(Sum{}) == plan(count_of));
}

struct Ticks {
  using Out = Record<Number, Number>;
  void init(Context<Out>& ctx) { ctx.schedule(10s, Clock::stream_time); }
  void process(const Record<Number, Number>&, Context<Out>&) {}
  void punctuate(Punctuation call, Context<Out>& ctx) { ctx.forward({0, call.time, call.time}); }
};

TEST(Trap, ACrashChangesNothingAboutCallsByStreamTime) {
  for (const int crash_after : {0, 1, 2, 3, 4, 5}) {
    Builder builder;
    builder.stream(kA).process("ticks", Ticks{}).to(kOut);
    TestDriver t(*builder.build());
    std::vector<Number> calls;
    int sent = 0;
    for (const Timestamp at : {1'000, 2'000, 3'000, 11'000, 35'000}) {
      t.send(kA, 0, 0, at);
      if (++sent == crash_after) t.crash();
    }
    for (const auto& call : t.read(kOut)) calls.push_back(call.value);
    EXPECT_THAT(calls, ElementsAre(11'000, 35'000)) << "crash after " << crash_after;
  }
}

TEST(Trap, AByteThatIsNoBoolIsRefused) {
  bool value = false;
  EXPECT_TRUE(Serde<bool>::read(std::string_view("\1", 1), value));
  EXPECT_TRUE(value);
  EXPECT_FALSE(Serde<bool>::read("\2", value));
}

}  // namespace
}  // namespace weir::trap_test
