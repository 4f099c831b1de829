// Joins, matches, deduplicates and windows over several partitions behind repartition topics: what
// comes out depends neither on their number nor on who runs them.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::partitions_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAreArray;
using testing::IsEmpty;

using Text = std::string;
const Topic<NoKey, Text> kOrders{"orders"};
const Topic<NoKey, Text> kPayments{"payments"};
const Topic<Text, Text> kOut{"out"};
const Topic<Text, Text> kLonely{"lonely"};

// "id:rest": the id is the key that the producers did not write.
Text id_of(const Text& value) { return value.substr(0, value.find(':')); }

struct Sent {
  const Topic<NoKey, Text>* topic;
  Text value;
  Timestamp time;
};

// Orders o0 ... and their payments: some never paid, some paid twice, some payments without order.
std::vector<Sent> traffic() {
  std::vector<Sent> all;
  for (int n = 0; n < 30; ++n) {
    const Text id = "o" + std::to_string(n);
    const Timestamp time = n * 10;
    if (n % 7 != 3) all.push_back({&kOrders, id + ":order", time});
    if (n % 5 != 2) all.push_back({&kPayments, id + ":p1", time + (n % 3) * 4});
    if (n % 6 == 1) all.push_back({&kPayments, id + ":p2", time + 9});
  }
  return all;
}

struct World {
  int orders;  // Partitions.
  int payments;
  int instances;
  bool crash;
};
const World kWorlds[] = {{1, 1, 1, false}, {3, 3, 1, false}, {5, 5, 1, true}, {2, 2, 3, false}};

// Everything that came out, sorted: "topic key value @time".
std::vector<Text> results(const Topology& plan, const World& world) {
  TestDriver t(plan, {.instances = world.instances,
                      .partitions_of = {{"orders", world.orders}, {"payments", world.payments}}});
  int turn = 0;
  for (const Sent& sent : traffic()) {
    const int partitions = sent.topic == &kOrders ? world.orders : world.payments;
    t.send(*sent.topic, {}, sent.value, sent.time, turn++ % partitions);
    if (world.crash && turn % 7 == 0) t.crash(turn % 2 == 0);
  }
  t.drain();
  std::vector<Text> all;
  for (const auto* topic : {&kOut, &kLonely}) {
    for (const auto& [key, value, time] : t.read(*topic)) {
      all.push_back(topic->name + " " + key + " " + value + " @" + std::to_string(time));
    }
  }
  std::sort(all.begin(), all.end());
  EXPECT_THAT(t.discarded(), IsEmpty());
  return all;
}

// Of several worlds all the same, and `wanted` of them.
void expect_alike(const Topology& plan, std::size_t wanted) {
  const std::vector<Text> first = results(plan, kWorlds[0]);
  EXPECT_EQ(first.size(), wanted);
  for (const World& world : kWorlds) {
    SCOPED_TRACE(testing::Message() << world.orders << " and " << world.payments << " partitions, "
                                    << world.instances << " instances");
    EXPECT_THAT(results(plan, world), ElementsAreArray(first));
  }
}

const auto kBoth = [](const Text* order, const Text* payment) {
  return (order != nullptr ? *order : "-") + "+" + (payment != nullptr ? *payment : "-");
};

// By hand from traffic(): of 30 ids n, 26 have an order (not 3, 10, 17, 24), 24 have a first
// payment (not 2, 7, 12, 17, 22, 27), 5 have a second one (1, 7, 13, 19, 25). All are within 10 ms.
constexpr std::size_t kOrdersPaidFirst = 21;  // 24 less 3, 10, 24.
constexpr std::size_t kOrdersPaidSecond = 5;
constexpr std::size_t kOrdersUnpaid = 4;   // 2, 12, 22, 27: 7 has its second payment.
constexpr std::size_t kPaymentsAlone = 3;  // First ones of 3, 10, 24.

template <class Make>
Topology joined(Make make) {
  Builder builder;
  make(builder.stream(kOrders).rekey(id_of), builder.stream(kPayments).rekey(id_of));
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().text);
  return *plan;
}

Topology interval(JoinType type) {
  return joined([&](const auto& orders, const auto& payments) {
    orders.join("pairs", payments, kBoth, {.within = 10ms, .grace = 500ms, .type = type}).to(kOut);
  });
}

TEST(Partitions, InnerJoin) {
  expect_alike(interval(JoinType::inner), kOrdersPaidFirst + kOrdersPaidSecond);
}

TEST(Partitions, LeftJoin) {
  expect_alike(interval(JoinType::left), kOrdersPaidFirst + kOrdersPaidSecond + kOrdersUnpaid);
}

TEST(Partitions, OuterJoin) {
  expect_alike(interval(JoinType::outer),
               kOrdersPaidFirst + kOrdersPaidSecond + kOrdersUnpaid + kPaymentsAlone);
}

TEST(Partitions, AntiJoin) {
  expect_alike(joined([](const auto& orders, const auto& payments) {
                 orders.anti_join("unpaid", payments, {.within = 10ms, .grace = 500ms}).to(kOut);
               }),
               kOrdersUnpaid);
}

// The first payment in event time is not the first to come everywhere, so the sides are counted.
TEST(Partitions, MatchOnce) {
  const auto plan = joined([](const auto& orders, const auto& payments) {
    const auto matched =
        orders.match_once("match", payments, [](const Text& value) { return value; },
                          {.within = 10ms, .delay = 500ms});
    matched.pairs.map_values([](const auto& pair) { return pair.left; }).to(kOut);
    matched.unmatched
        .map_values([](const auto& lone) { return Text(lone.left ? "order" : "payment"); })
        .to(kLonely);
  });
  // Pairs: 22 orders with one payment or more; alone: 4 orders, 3 payments without an order, and
  // of 1, 13, 19, 25 a second payment each.
  std::vector<Text> first;
  for (const World& world : kWorlds) {
    std::vector<Text> found = results(plan, world);
    for (Text& line : found) line.erase(line.find('@'));
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found.size(), 22U + 4U + 3U + 4U);
    if (first.empty()) first = found;
    EXPECT_THAT(found, ElementsAreArray(first));
  }
}

TEST(Partitions, WindowsByANewKey) {
  Builder builder;
  builder.stream(kOrders)
      .group_by([](const Text& value) { return Text(1, value[1]); })
      .windowed({.size = 100ms, .grace = 500ms})
      .count("counts")
      .map([](const Windowed<Text>& key, std::int64_t n) {
        return std::pair{key.key, std::to_string(key.window.start) + "=" + std::to_string(n)};
      })
      .to(kOut);
  builder.stream(kPayments).for_each([](const Text&) {});
  // [0, 100): ids 0 to 9, of which 3 has no order: nine keys. [100, 200): 10 to 19, all by '1'.
  // [200, 300): 20 to 29, all by '2'.
  expect_alike(*builder.build(), 9 + 1 + 1);
}

}  // namespace
}  // namespace weir::partitions_test
