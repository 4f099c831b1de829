// error: no matching function for call to .arg_max\(
#include <weir/aggregate.h>

struct Place {
  double x = 0;
};

struct Order {
  std::string id;
  Place place;
};

auto stats() {
#ifdef MISUSE
  return weir::aggregates(weir::arg_max(&Order::id, &Order::place));
#else
  return weir::aggregates(weir::arg_max(&Order::id, &Order::id));
#endif
}
