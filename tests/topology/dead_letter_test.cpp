// Dead letters of operators behind repartition topics: the record that the producer wrote, whatever
// topics of weir's own it has gone through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

using Text = std::string;

struct Order {
  Text id, user;
};

}  // namespace

template <>
struct JsonOf<Order> {
  static constexpr auto fields = std::tuple{field("id", &Order::id), field("user", &Order::user)};
};

namespace {

const Topic<NoKey, Order> kOrders{"orders"};
const Topic<NoKey, Order> kReturns{"returns"};
const Topic<Windowed<Text>, std::int64_t> kCounts{"counts"};
const Topic<Text, Order> kOut{"out"};

LogRecord order(const Text& id, const Text& user, Timestamp time, int partition = 0) {
  LogRecord record{partition, 0, time};
  record.key = "key of " + id;
  record.value = R"({ "nobody reads": 1, "user":")" + user + R"(", "id": ")" + id + "\" }";
  record.headers = {{"trace", id}, {"trace", std::nullopt}};
  return record;
}

// "reason step topic/partition@offset", and that the rest is as it was sent.
Text told(const LogRecord& letter, const LogRecord& sent) {
  std::map<Text, Text> headers;
  for (const auto& [name, value] : letter.headers) headers[name] = value.value_or("");
  EXPECT_EQ(letter.key, sent.key);
  EXPECT_EQ(letter.value, sent.value);
  EXPECT_EQ(letter.timestamp, sent.timestamp);
  EXPECT_THAT(letter.headers, SizeIs(sent.headers.size() + 9));
  for (std::size_t at = 0; at < sent.headers.size(); ++at) {
    EXPECT_EQ(letter.headers[at], sent.headers[at]);
  }
  return headers["weir.reason"] + " " + headers["weir.step"] + " " +
         headers["__streams.errors.topic"] + "/" + headers["__streams.errors.partition"] + "@" +
         headers["__streams.errors.offset"];
}

Topology counting() {
  Builder builder({.dead_letters = "dead"});
  builder.stream(kOrders)
      .group_by(&Order::user)
      .windowed({.size = 10ms})
      .count("per-user")
      .to(kCounts);
  return *builder.build();
}

TEST(DeadLetters, OfLateRecordsHoldWhatTheProducerWrote) {
  TestDriver t(counting(), {.partitions = 3});
  t.send("orders", order("first", "ann", 5, 2));
  t.send("orders", order("newest", "ann", 50, 2));
  const LogRecord late = order("late", "bob", 9, 2);
  t.send("orders", late);
  const auto letters = t.dead_letters();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(told(letters.front(), late), "late per-user orders/2@2");
  EXPECT_EQ(t.discarded("late"), 1U);
}

TEST(DeadLetters, OfOneCommitComeFromWhereverTheirRecordsLie) {
  TestDriver t(counting(), {.partitions = 2, .commit_each = false});
  std::vector<LogRecord> sent;
  for (int n = 0; n < 40; ++n) {
    const int partition = n % 2;
    t.send("orders", order("new", "u" + std::to_string(n), 1000 + n, partition));
    sent.push_back(order("late", "u" + std::to_string(n % 7), n % 10, partition));
    t.send("orders", sent.back());
  }
  EXPECT_THAT(t.dead_letters(), IsEmpty());
  t.commit();
  const auto letters = t.dead_letters();
  ASSERT_THAT(letters, SizeIs(40));
  std::multiset<Text> found, wanted;
  for (const LogRecord& letter : letters) found.insert(*letter.value);
  for (const LogRecord& record : sent) wanted.insert(*record.value);
  EXPECT_EQ(found, wanted);
  t.commit();
  EXPECT_THAT(t.dead_letters(), IsEmpty());
}

TEST(DeadLetters, AreWrittenOnceWhateverCrashes) {
  TestDriver t(counting(), {.commit_each = false});
  t.send("orders", order("newest", "ann", 50));
  t.commit();
  const LogRecord late = order("late", "bob", 9);
  t.send("orders", late);
  t.crash();  // What the task held is gone, and is found again.
  t.commit();
  t.crash();
  t.commit();
  const auto letters = t.dead_letters();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(told(letters.front(), late), "late per-user orders/0@1");
}

TEST(DeadLetters, AreTheSameBehindSeveralRepartitionTopics) {
  Builder builder({.dead_letters = "dead", .keep_duplicates = true});
  builder.stream(kOrders)
      .rekey(&Order::user)
      .repartition("by-user")
      .rekey(&Order::id)
      .deduplicate("once", &Order::id, {.within = 1s})
      .to(kOut);
  TestDriver t(*builder.build(), {.partitions = 2});
  t.send("orders", order("o1", "ann", 5, 0));
  const LogRecord again = order("o1", "bob", 7, 1);
  t.send("orders", again);
  const auto letters = t.dead_letters();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(told(letters.front(), again), "duplicate once orders/1@0");
}

TEST(DeadLetters, OfAJoinTellTheSideTheyCameFrom) {
  Builder builder({.dead_letters = "dead"});
  const auto both = [](const Order* a, const Order* b) { return a != nullptr ? *a : *b; };
  builder.stream(kOrders)
      .rekey(&Order::id)
      .join("pairs", builder.stream(kReturns).rekey(&Order::id), both, {.within = 5ms})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send("orders", order("o1", "ann", 100));
  t.send("returns", order("o1", "ann", 101));
  const LogRecord late = order("o2", "bob", 3);
  t.send("returns", late);
  const auto letters = t.dead_letters();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(told(letters.front(), late), "late pairs returns/0@1");
}

// What fails behind a window is no record, and least of all the one whose time closed the window.
struct Refuse {
  using Out = Record<Windowed<Text>, std::int64_t>;
  void process(const Out& record, Context<Out>& ctx) {
    if (record.value > 1) return ctx.discard("process", "more than one");
    ctx.forward(record);
  }
};

Topology refusing(ErrorPolicy errors) {
  Builder builder(std::move(errors));
  builder.stream(kOrders)
      .group_by(&Order::user)
      .windowed({.size = 10ms})
      .count("per-user")
      .process("refuse", Refuse{})
      .to(kCounts);
  return *builder.build();
}

TEST(DeadLetters, AreNotMadeOfRecordsThatOnlyClosedAWindow) {
  TestDriver t(refusing({.dead_letters = "dead"}));
  t.send("orders", order("o1", "ann", 1));
  t.send("orders", order("o2", "ann", 2));
  t.send("orders", order("o3", "bob", 50));
  EXPECT_EQ(t.discarded("process"), 1U);
  EXPECT_THAT(t.dead_letters(), IsEmpty());
  t.send("orders", order("o4", "bob", 90));
  EXPECT_THAT(t.read(kCounts), SizeIs(1));
}

TEST(DeadLetters, WithoutAPlaceAResultThatFailsEndsTheJob) {
  TestDriver t(refusing({}));
  t.send("orders", order("o1", "ann", 1));
  t.send("orders", order("o2", "ann", 2));
  try {
    t.send("orders", order("o3", "bob", 50));
    FAIL() << "went on";
  } catch (const BrokenWorld& broken) {
    EXPECT_THAT(broken.what(), StartsWith("process in 'refuse': more than one (a result of"));
    EXPECT_THAT(broken.what(), HasSubstr("name a dead-letter topic"));
  }
}

}  // namespace
}  // namespace weir
