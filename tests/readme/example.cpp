#include <iostream>

#include <weir/weir.h>

using namespace weir;
using namespace std::chrono_literals;

struct Order {
  std::string order_id, user_id;
  Decimal<2> amount;
};
template <>
struct weir::JsonOf<Order> {
  static constexpr auto fields =
      std::tuple{field("order_id", &Order::order_id), field("user_id", &Order::user_id),
                 field("amount", &Order::amount)};
};

const Topic<NoKey, Order> kOrders{"orders"};
const Topic<std::string, std::int64_t> kOrdersPerUser{"orders-per-user"};

int main() {
  Builder builder(ErrorPolicy{.dead_letters = "orders.dead"});
  builder.stream(kOrders)
      .filter([](const Order& order) { return order.amount.units() > 0; })
      .group_by(&Order::user_id)
      .windowed({.size = 1min, .grace = 30s})
      .count("per-user")
      .rekey([](const Windowed<std::string>& user, std::int64_t) { return user.key; })
      .to(kOrdersPerUser);
  Topology topology = *builder.build();
  std::cout << topology.describe();

  TestDriver test(topology);  // No broker: the engine's own tasks on a log in memory.
  test.send(kOrders, {}, {"o1", "ann", Decimal<2>::from_units(999)}, 10'000);
  test.send(kOrders, {}, {"o2", "ann", Decimal<2>::from_units(500)}, 59'999);
  test.send(kOrders, {}, {"o3", "bob", Decimal<2>::from_units(100)}, 90'000);  // Closes a minute.
  for (const auto& [user, orders, time] : test.read(kOrdersPerUser)) {
    std::cout << user << " placed " << orders << " orders\n";
  }
}
