// Processors of the user's own: stores, both clocks, discards; and what records carry along.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Text = std::string;
using Number = std::int64_t;
using Out = Record<Text, Number>;
const Topic<Text, Number> kIn{"in"};
const Topic<Text, Number> kOut{"out"};
const Topic<Windowed<Text>, Number> kCounts{"counts"};
const KeyValueStore<Text, Number> kFirst{"first-seen"};
const KeyValueStore<Number, Text> kByNumber{"by-number"};

template <class P>
Topology with(P processor, std::vector<StoreName> stores = {}, ErrorPolicy errors = {}) {
  Builder builder(std::move(errors));
  builder.stream(kIn, {.idle = 0s}).process("own", processor, std::move(stores)).to(kOut);
  return *builder.build();
}

std::vector<Text> lines(TestDriver& driver) {
  std::vector<Text> all;
  for (const auto& [key, value, time] : driver.read(kOut)) {
    all.push_back(key + "=" + std::to_string(value) + "@" + std::to_string(time));
  }
  return all;
}

// Keeps two stores that must agree.
struct Indexed {
  using Out = weir::Out;
  Store<Text, Number>* first = nullptr;
  Store<Number, Text>* by_number = nullptr;
  void init(Context<Out>& ctx) {
    first = &ctx.store(kFirst);
    by_number = &ctx.store(kByNumber);
  }
  void process(const Record<Text, Number>& record, Context<Out>& ctx) {
    if (const auto known = first->get(record.key)) by_number->erase(*known);
    first->put(record.key, record.value);
    by_number->put(record.value, record.key);
    Number all = 0;
    by_number->each([&](const Number& number, const Text&) {
      all += number;
      return true;
    });
    ctx.forward(record.with_value(all));
  }
};

TEST(Processors, KeepSeveralStoresThatAgreeOverCrashes) {
  TestDriver t(with(Indexed{}, {kFirst, kByNumber}), {.commit_each = false});
  t.send(kIn, "a", 1, 1);
  t.send(kIn, "b", 20, 2);
  t.commit();
  EXPECT_THAT(lines(t), ElementsAre("a=1@1", "b=21@2"));
  t.send(kIn, "a", 300, 3);
  t.crash();
  t.commit();  // Read again.
  EXPECT_THAT(lines(t), ElementsAre("a=320@3"));
  EXPECT_EQ(t.store(kFirst).get("a"), 300);
  EXPECT_EQ(t.store(kByNumber).get(1), std::nullopt);
  EXPECT_EQ(t.store(kByNumber).get(300), "a");
}

// Says what it cannot take.
struct Picky {
  using Out = weir::Out;
  void process(const Record<Text, Number>& record, Context<Out>& ctx) {
    if (record.value < 0) return ctx.discard("negative", "is " + std::to_string(record.value));
    if (record.value > 99) return ctx.discard("large", "is above 99");
    ctx.forward(record);
  }
};

TEST(Processors, DiscardForReasonsOfTheirOwn) {
  TestDriver t(with(Picky{}, {}, {.dead_letters = "dead"}));
  for (const Number n : {5, -5, 100, -7}) t.send(kIn, "k", n, 10);
  EXPECT_THAT(lines(t), ElementsAre("k=5@10"));
  EXPECT_THAT(t.discarded(), UnorderedElementsAre(Pair("negative", 2U), Pair("large", 1U)));
  std::vector<Text> told;
  for (const LogRecord& letter : t.dead_letters()) {
    std::map<Text, Text> headers;
    for (const auto& [name, value] : letter.headers) headers[name] = value.value_or("");
    told.push_back(headers["weir.step"] + " " + headers["weir.reason"] + ": " +
                   headers["__streams.errors.message"]);
  }
  EXPECT_THAT(told,
              ElementsAre("own negative: is -5", "own large: is above 99", "own negative: is -7"));
}

TEST(Processors, AReasonOfTheirOwnStopsTheJobWhereNothingKeepsIt) {
  TestDriver t(with(Picky{}));
  EXPECT_THROW(t.send(kIn, "k", -1, 1), BrokenWorld);
}

// Tells each call it gets.
struct Clocks {
  using Out = weir::Out;
  int ten = -1, hour = -1, tick = -1;
  void init(Context<Out>& ctx) {
    ten = ctx.schedule(10ms, Clock::stream_time);
    hour = ctx.schedule(1h, Clock::stream_time);
    tick = ctx.schedule(5s, Clock::wall_clock);
  }
  void process(const Record<Text, Number>&, Context<Out>&) {}
  void on_time(Timestamp time, Context<Out>& ctx) {
    ctx.forward({"time", ctx.stream_time(), time});
  }
  void punctuate(Punctuation call, Context<Out>& ctx) {
    const Text name = call.id == ten ? "ten" : call.id == hour ? "hour" : "tick";
    ctx.forward({name, call.id == tick ? ctx.wall_clock() : call.time, 1});
  }
};

TEST(Processors, AreCalledWhenStreamTimePassesAMultiple) {
  TestDriver t(with(Clocks{}));
  t.send(kIn, "k", 0, 12);  // The first record tells what time it is: nothing has passed.
  EXPECT_THAT(lines(t), ElementsAre("time=12@12"));
  t.send(kIn, "k", 0, 19);
  EXPECT_THAT(lines(t), ElementsAre("time=19@19"));
  t.send(kIn, "k", 0, 57);  // 20, 30, 40 and 50 were missed: one call.
  EXPECT_THAT(lines(t), ElementsAre("time=57@57", "ten=57@1"));
  t.send(kIn, "k", 0, 60);
  EXPECT_THAT(lines(t), ElementsAre("time=60@60", "ten=60@1"));
  t.send(kIn, "k", 0, 58);  // Time does not go back, and nobody is told.
  EXPECT_THAT(lines(t), IsEmpty());
}

TEST(Processors, AreCalledByTheWallClockWithoutRecords) {
  TestDriver t(with(Clocks{}), {.wall_clock = 1'000});
  t.advance(4'999ms);
  EXPECT_THAT(lines(t), IsEmpty());
  t.advance(1ms);
  EXPECT_THAT(lines(t), ElementsAre("tick=6000@1"));
  t.advance(23s);  // Four were missed.
  EXPECT_THAT(lines(t), ElementsAre("tick=29000@1"));
  t.advance(2s);
  EXPECT_THAT(lines(t), ElementsAre("tick=31000@1"));
}

TEST(Processors, EachTaskHasItsOwnCopy) {
  struct Counting {
    using Out = weir::Out;
    Number seen = 0;
    void process(const Record<Text, Number>& record, Context<Out>& ctx) {
      ctx.forward(record.with_value(++seen));
    }
  };
  TestDriver t(with(Counting{}), {.partitions = 2});
  t.send(kIn, "a", 0, 1, 0);
  t.send(kIn, "a", 0, 2, 0);
  t.send(kIn, "b", 0, 3, 1);
  EXPECT_THAT(lines(t), UnorderedElementsAre("a=1@1", "a=2@2", "b=1@3"));
}

// ---- What records carry along ------------------------------------------------------------------

using Headers = std::vector<std::pair<Text, std::optional<Text>>>;

LogRecord with_headers(const Text& key, Timestamp time, Headers headers) {
  LogRecord record{0, 0, time, key, std::nullopt, std::move(headers)};
  record.value.emplace();
  Serde<Number>::write(7, *record.value);
  return record;
}

TEST(Headers, GoThroughStatelessStagesAndRepartitionTopics) {
  Builder builder;
  builder.stream(kIn)
      .filter([](Number) { return true; })
      .map_values([](Number n) { return n + 1; })
      .rekey([](const Text& key, Number) { return key + "!"; })
      .repartition("r")
      .to(kOut);
  TestDriver t(*builder.build());
  const Headers sent = {{"a", "1"}, {"b", std::nullopt}, {"a", "2"}, {"", ""}};
  t.send("in", with_headers("k", 5, sent));
  t.send("in", with_headers("k", 6, {}));
  const auto found = t.read("out");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].key, "k!");
  EXPECT_EQ(found[0].headers, sent);  // Order and repeats kept.
  EXPECT_THAT(found[1].headers, IsEmpty());
}

TEST(Headers, CanBeReadAndDecideTheTime) {
  Builder builder;
  const auto by_header = [](const Record<Text, Number>& record) -> Timestamp {
    for (const Header& header : record.headers) {
      if (header.name == "at" && header.value) return std::stoll(Text(*header.value));
    }
    return record.timestamp;
  };
  builder.stream(kIn, by_header).to(kOut);
  TestDriver t(*builder.build());
  t.send("in", with_headers("k", 5, {{"at", "4321"}}));
  t.send("in", with_headers("k", 5, {{"other", "1"}}));
  const auto found = t.read("out");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].timestamp, 4321);
  EXPECT_EQ(found[1].timestamp, 5);
}

TEST(Headers, OfAResultOnUpdateAreTheRecordsOfAClosedWindowNone) {
  for (const Emit emit : {Emit::on_update, Emit::on_close}) {
    Builder builder;
    builder.stream(kIn).group_by_key().windowed({.size = 10ms}).count("c", emit).to(kCounts);
    TestDriver t(*builder.build());
    t.send("in", with_headers("k", 5, {{"h", "1"}}));
    t.drain();
    const auto found = t.read("counts");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found.front().headers, SizeIs(emit == Emit::on_update ? 1 : 0));
  }
}

TEST(Times, OutsideWhatTextCanNameAreADeadLetter) {
  Builder builder({.dead_letters = "dead"});
  builder.stream(kIn, [](Number n) { return n; }).to(kOut);
  TestDriver t(*builder.build());
  constexpr Number kLast = 253'402'300'799'999;  // The end of the year 9999.
  for (const Number n : {Number{0}, kLast, Number{-1}, kLast + 1, INT64_MAX, INT64_MIN}) {
    t.send(kIn, "k", n, 1);
  }
  EXPECT_THAT(lines(t), ElementsAre("k=0@0", "k=253402300799999@253402300799999"));
  EXPECT_EQ(t.discarded("decode"), 4U);
  EXPECT_EQ(t.stream_time("in"), kLast);
}

}  // namespace
}  // namespace weir
