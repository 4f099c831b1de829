// error: no matching function for call to .sum\(
#include <weir/aggregate.h>

struct Order {
  std::string id;
  weir::Decimal<2> amount;
};

auto stats() {
#ifdef MISUSE
  return weir::aggregates(weir::count(), weir::sum(&Order::id));
#else
  return weir::aggregates(weir::count(), weir::sum(&Order::amount));
#endif
}
