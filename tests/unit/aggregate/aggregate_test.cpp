#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <weir/aggregate.h>

namespace weir {
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

}  // namespace
}  // namespace weir
