#include <iostream>

#include <weir/weir.h>

using namespace weir;
using namespace std::chrono_literals;

struct Order {
  std::string id, user;
};
template <>
struct weir::JsonOf<Order> {
  static constexpr auto fields =
      std::tuple{field("order_id", &Order::id), field("user_id", &Order::user)};
};
const Topic<NoKey, Order> kOrders{"orders"};
const Topic<Windowed<std::string>, std::int64_t> kCounts{"orders-per-user"};

int main() {
  Builder builder(ErrorPolicy{.dead_letters = "orders.dead"});
  const auto users = builder.stream(kOrders).group_by(&Order::user);
  users.windowed({.size = 1min, .grace = 30s}).count("per-user").to(kCounts);
  Topology topology = *builder.build();
  std::cout << topology.describe();
  TestDriver test(topology);  // No broker: the engine's own tasks on a log in memory.
  test.send(kOrders, {}, {"o1", "ann"}, 10'000);
  test.send(kOrders, {}, {"o2", "ann"}, 59'999);
  test.send(kOrders, {}, {"o3", "bob"}, 90'000);  // Closes the first minute.
  for (const auto& [user, count, time] : test.read(kCounts))
    std::cout << user.key << ": " << count << "\n";
}
