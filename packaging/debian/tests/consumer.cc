// Counts orders per user and minute on the engine's own log in memory: a program that needs the
// headers' templates as well as the library's compiled code.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <tuple>

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
  Builder builder;
  const auto users = builder.stream(kOrders).group_by(&Order::user);
  users.windowed({.size = 1min, .grace = 30s}).count("per-user").to(kCounts);
  Topology topology = *builder.build();
  TestDriver test(topology);
  test.send(kOrders, {}, {"o1", "ann"}, 10'000);
  test.send(kOrders, {}, {"o2", "ann"}, 59'999);
  test.send(kOrders, {}, {"o3", "bob"}, 90'000);  // Closes the first minute.
  std::int64_t orders = 0;
  for (const auto& [user, count, time] : test.read(kCounts)) orders += count;
  std::cout << "ann placed " << orders << " orders\n";
  return orders == 2 ? 0 : 1;
}
