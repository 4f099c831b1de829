#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/aggregate.h>

namespace weir::aggregate_test {
namespace {

using Money = Decimal<2>;

struct Order {
  std::string id{};
  std::optional<std::string> user{};
  std::optional<Money> amount{};
  std::int64_t pieces = 0;
  std::optional<double> weight{};
  bool is_paid = false;

  std::int64_t twice() const { return 2 * pieces; }
};

Money money(std::int64_t cents) { return Money::from_units(cents); }

TEST(Aggregates, ComputeEachPartOverAllRecords) {
  const auto stats =
      aggregates(count(), count_if(&Order::is_paid), sum(&Order::amount), avg(&Order::amount),
                 min(&Order::amount), max(&Order::user), distinct(&Order::user),
                 approx_distinct(&Order::id, 0.05), first(&Order::id), last(&Order::id),
                 arg_max(&Order::id, &Order::amount), arg_min(&Order::user, &Order::pieces),
                 collect(&Order::id, 2), stddev(&Order::pieces), sum(&Order::weight));
  auto state = stats.start();
  stats.add(state, Order{"o1", "ann", money(1000), 2, 0.5, true}, 30);
  stats.add(state, Order{"o2", {}, money(2501), 4, {}, false}, 10);
  stats.add(state, Order{"o3", "bob", {}, 1, 0.25, true}, 20);
  stats.add(state, Order{"o4", "ann", money(-2), 1, 1.0, false}, 40);

  const auto result = state.result();
  ASSERT_TRUE(result);
  const auto& [rows, paid, total, mean, least, last_user, users, ids, first_id, last_id, dearest,
               smallest, some, deviation, weight] = *result;
  EXPECT_EQ(rows, 4);
  EXPECT_EQ(paid, 2);
  EXPECT_EQ(total, money(3499));
  EXPECT_EQ(mean, Decimal<4>::from_units(116633));  // 34.99 / 3 = 11.66333...
  EXPECT_EQ(least, money(-2));
  EXPECT_EQ(last_user, "bob");
  EXPECT_EQ(users, 2);
  EXPECT_EQ(ids, 4);
  EXPECT_EQ(first_id, "o2");
  EXPECT_EQ(last_id, "o4");
  EXPECT_EQ(dearest, "o2");
  EXPECT_EQ(smallest, "bob");  // o3 and o4 have one piece each; o3 is earlier.
  EXPECT_EQ(some.values, (std::vector<std::string>{"o2", "o3"}));
  EXPECT_EQ(some.seen, 4u);
  EXPECT_TRUE(some.is_truncated());
  EXPECT_DOUBLE_EQ(deviation.value(), std::sqrt(2.0));  // 2 4 1 1: mean 2, squares 6, by 3.
  EXPECT_EQ(weight, 1.75);
}

TEST(Aggregates, OfNothingAreZeroOrNull) {
  const auto stats = aggregates(
      count(), sum(&Order::amount), avg(&Order::pieces), min(&Order::id), distinct(&Order::id),
      approx_distinct(&Order::id), first(&Order::id), arg_max(&Order::id, &Order::amount),
      collect(&Order::id, 2), stddev(&Order::pieces), sum(&Order::weight));
  const auto result = stats.start().result();
  ASSERT_TRUE(result);
  const auto& [rows, total, mean, least, users, about, one, dearest, some, deviation, weight] =
      *result;
  EXPECT_EQ(rows, 0);
  EXPECT_EQ(total, money(0));
  EXPECT_EQ(mean, std::nullopt);
  EXPECT_EQ(least, std::nullopt);
  EXPECT_EQ(users, 0);
  EXPECT_EQ(about, 0);
  EXPECT_EQ(one, std::nullopt);
  EXPECT_EQ(dearest, std::nullopt);
  EXPECT_TRUE(some.values.empty());
  EXPECT_FALSE(some.is_truncated());
  EXPECT_EQ(deviation, std::nullopt);
  EXPECT_EQ(weight, 0.0);
}

TEST(Aggregates, CountRowsAndSkipNulls) {
  const auto stats = aggregates(count(), avg(&Order::weight), distinct(&Order::weight));
  auto state = stats.start();
  stats.add(state, Order{}, 1);
  stats.add(state, Order{.weight = std::nan("")}, 1);
  stats.add(state, Order{.weight = 3.0}, 1);
  const auto [rows, mean, different] = *state.result();
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(mean, 3.0);
  EXPECT_EQ(different, 1);
}

TEST(Aggregates, ReadMembersFunctionsAndLambdas) {
  const auto stats = aggregates(sum(&Order::pieces), sum(&Order::twice),
                                sum([](const Order& order) { return order.pieces * 10; }),
                                count_if([](const Order& order) { return order.pieces > 2; }));
  auto state = stats.start();
  stats.add(state, Order{.pieces = 3}, 1);
  stats.add(state, Order{.pieces = 2}, 1);
  EXPECT_EQ(*state.result(),
            (std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(5, 10, 50, 1)));
}

TEST(Aggregates, AddWholeRecords) {
  const auto stats = aggregates(sum(&Order::pieces), last(&Order::id));
  auto state = stats.start();
  const std::string key = "k";
  const Order order{.id = "o1", .pieces = 3};
  stats(state, Record<std::string, Order>{key, order, 7, 7});
  EXPECT_EQ(std::get<0>(*state.result()), 3);
  EXPECT_EQ(std::get<1>(*state.result()), "o1");
}

TEST(Aggregates, AnOverflowIsAnErrorAndNoNumber) {
  const auto stats = aggregates(count(), sum(&Order::pieces));
  auto state = stats.start();
  const Order most{.pieces = std::numeric_limits<std::int64_t>::max()};
  stats.add(state, most, 1);
  EXPECT_TRUE(state.result());
  stats.add(state, most, 2);
  ASSERT_FALSE(state.result());
  EXPECT_EQ(state.result().error().text, "aggregate 2, sum, does not fit its result");

  const Order least{.pieces = std::numeric_limits<std::int64_t>::min()};
  stats.add(state, least, 3);  // Only the final result counts: it fits again.
  ASSERT_TRUE(state.result());
  EXPECT_EQ(std::get<1>(*state.result()), std::numeric_limits<std::int64_t>::max() - 1);
}

TEST(Aggregates, ASumOfCentsBeyondTheirTypeIsAnError) {
  const auto stats = aggregates(avg(&Order::amount));
  auto state = stats.start();
  stats.add(state, Order{.amount = money(std::numeric_limits<std::int64_t>::max())}, 1);
  EXPECT_FALSE(state.result());  // Two places more do not fit.
}

auto one_of_each() {
  return aggregates(count(), count_if(&Order::is_paid), sum(&Order::amount), sum(&Order::weight),
                    avg(&Order::amount), avg(&Order::pieces), avg(&Order::weight),
                    min(&Order::weight), max(&Order::user), first(&Order::id), last(&Order::id),
                    arg_max(&Order::user, &Order::amount), arg_min(&Order::id, &Order::weight),
                    collect(&Order::id, 3), stddev(&Order::amount), stddev(&Order::weight),
                    distinct(&Order::user), distinct(&Order::amount), distinct(&Order::is_paid),
                    approx_distinct(&Order::user, 0.05), approx_distinct(&Order::weight, 0.05));
}

class AggregateStates : public testing::Test {
 protected:
  AggregateStates() {
    for (int i = 0; i < 200; ++i) {
      Order order{.id = "o" + std::to_string(i)};
      if (random_() % 4 != 0) order.user = "user-" + std::to_string(random_() % 30);
      if (random_() % 4 != 0) order.amount = money(static_cast<std::int64_t>(random_() % 9999));
      if (random_() % 4 != 0) order.weight = static_cast<double>(random_() % 1000) / 7;
      order.pieces = static_cast<std::int64_t>(random_() % 5);
      order.is_paid = random_() % 2 == 0;
      orders_.push_back({order, i * 100 + static_cast<Timestamp>(random_() % 99)});
    }
  }

  auto whole() const {
    auto state = stats_.start();
    for (const auto& [order, time] : orders_) stats_.add(state, order, time);
    return state;
  }

  using Stats = decltype(one_of_each());
  const Stats stats_ = one_of_each();
  std::mt19937_64 random_{91};
  std::vector<std::pair<Order, Timestamp>> orders_;
};

TEST_F(AggregateStates, GiveTheSameResultsHoweverTheInputIsSplit) {
  const auto add = [&](auto& state, const auto& each) {
    stats_.add(state, each.first, each.second);
  };
  const auto expected = *whole().result();
  for (int round = 0; round < 50; ++round) {
    EXPECT_TRUE(*merged_at_random(stats_.start(), orders_, random_, add).result() == expected);
    const auto state = merged_in_order(stats_.start(), orders_, random_, add);
    EXPECT_TRUE(*state.result() == expected);
    expect_round_trip(state, Stats::State());
    std::shuffle(orders_.begin(), orders_.end(), random_);
  }
}

TEST_F(AggregateStates, PartialsAddUpToTheWhole) {
  auto merged = stats_.start();
  std::vector<Stats::State> tasks(3, stats_.start());
  for (const auto& [order, time] : orders_) {
    auto& task = tasks[random_() % tasks.size()];
    stats_.add(task, order, time);
    if (random_() % 10 != 0) continue;
    std::string bytes;
    task.write_partial(bytes);
    task.next_partial();
    Stats::State partial;
    Bytes in = bytes;
    ASSERT_TRUE(partial.read(in));
    EXPECT_TRUE(in.empty());
    merged.merge(partial);
  }
  for (const auto& task : tasks) merged.merge(task);
  EXPECT_TRUE(*merged.result() == *whole().result());
}

TEST_F(AggregateStates, GoOnAfterTheyWereReadBack) {
  auto state = stats_.start();
  std::string bytes;
  for (const auto& [order, time] : orders_) {
    stats_.add(state, order, time);
    bytes.clear();
    state.write(bytes);
    Stats::State restored;  // As a store does: nothing but the bytes.
    Bytes in = bytes;
    ASSERT_TRUE(restored.read(in));
    state = restored;
  }
  EXPECT_TRUE(*state.result() == *whole().result());
}

TEST_F(AggregateStates, StartAgainWhenCleared) {
  auto state = whole();
  state.clear();
  EXPECT_EQ(bytes_of(state), bytes_of(stats_.start()));
  for (const auto& [order, time] : orders_) stats_.add(state, order, time);
  EXPECT_TRUE(state == whole());
}

TEST_F(AggregateStates, SurviveDamageOfTheirBytes) {
  auto state = stats_.start();
  for (int i = 0; i < 4; ++i) stats_.add(state, orders_[i].first, orders_[i].second);
  expect_survives_damage(state, [&](auto& damaged) {
    (void)damaged.result();
    stats_.add(damaged, orders_[9].first, 7);
    (void)damaged.memory();
  });
}

TEST_F(AggregateStates, AreStateForStores) {
  static_assert(HasStateSerde<Stats::State>);
  static_assert(std::default_initializable<Stats::State>);
  EXPECT_GT(whole().memory(), stats_.start().memory());
}

TEST(Aggregates, KeepTheTypesOfTheirFields) {
  struct Wide {
    std::uint64_t id;
    std::int16_t small;
    float real;
    Decimal<17> fine;
    Decimal<18> finest;
  };
  const auto stats = aggregates(max(&Wide::id), min(&Wide::small), max(&Wide::real),
                                avg(&Wide::fine), avg(&Wide::finest), sum(&Wide::id),
                                sum(&Wide::small), sum(&Wide::real), distinct(&Wide::id));
  auto state = stats.start();
  const std::uint64_t id = 1'000'000'000'000;
  for (const Wide& row :
       {Wide{id, -3, 0.5F, Decimal<17>::from_units(1), Decimal<18>::from_units(1)},
        Wide{id, 7, 0.25F, Decimal<17>::from_units(2), Decimal<18>::from_units(2)}}) {
    stats.add(state, row, 1);
  }
  const std::tuple<std::optional<std::uint64_t>, std::optional<std::int16_t>, std::optional<float>,
                   std::optional<Decimal<18>>, std::optional<Decimal<18>>, std::int64_t,
                   std::int64_t, double, std::int64_t>
      expected{id,
               std::int16_t{-3},
               0.5F,
               Decimal<18>::from_units(15),
               Decimal<18>::from_units(2),  // 1.5 units, half to even.
               2'000'000'000'000,
               4,
               0.75,
               1};
  const auto result = stats.start().result();
  static_assert(std::is_same_v<std::decay_t<decltype(*result)>, std::decay_t<decltype(expected)>>);
  EXPECT_TRUE(*state.result() == expected);
}

TEST(Aggregates, SumUnsignedNumbersOfAllBits) {
  struct Wide {
    std::uint64_t id;
  };
  const auto stats = aggregates(sum(&Wide::id), avg(&Wide::id));
  auto state = stats.start();
  stats.add(state, Wide{~std::uint64_t{0}}, 1);
  EXPECT_FALSE(state.result());
  stats.add(state, Wide{1}, 1);
  EXPECT_FALSE(state.result());  // 2^64
}

TEST(Aggregates, TakeTheDeviationOfDecimalsInTheirUnit) {
  const auto stats = aggregates(stddev(&Order::amount));
  auto state = stats.start();
  for (std::int64_t cents : {100, 300}) stats.add(state, Order{.amount = money(cents)}, 1);
  EXPECT_DOUBLE_EQ(std::get<0>(*state.result()).value(), std::sqrt(2.0));
}

TEST(Aggregates, KnowAPlannedErrorAfterTheyWereReadBack) {
  const auto stats = aggregates(approx_distinct(&Order::id, 0.05), collect(&Order::id, 2));
  std::string bytes;
  stats.start().write(bytes);
  decltype(stats.start()) state;
  Bytes in = bytes;
  ASSERT_TRUE(state.read(in));
  for (int i = 0; i < 5; ++i) stats.add(state, Order{.id = std::to_string(i)}, i);
  EXPECT_EQ(std::get<1>(*state.result()).values.size(), 2u);
  bytes.clear();
  state.write(bytes);
  EXPECT_EQ(bytes[0], 9);  // The precision.
}

}  // namespace
}  // namespace weir::aggregate_test
