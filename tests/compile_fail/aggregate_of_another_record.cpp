// error: no matching function for call to .*add\(
#include <weir/aggregate.h>

struct Order {
  std::int64_t pieces = 0;
};
struct Payment {
  std::int64_t cents = 0;
};

std::int64_t pieces() {
  const auto stats = weir::aggregates(weir::sum(&Order::pieces));
  auto state = stats.start();
#ifdef MISUSE
  stats.add(state, Payment{}, 1);
#endif
  stats.add(state, Order{}, 1);
  return std::get<0>(*state.result());
}
