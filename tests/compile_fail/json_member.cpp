// error: no matching function for call to .*field\(
#include <map>
#include <string>
#include <tuple>

#include <weir/json.h>

struct Order {
  std::string order_id;
  std::map<std::string, int> prices;
};

template <>
struct weir::JsonOf<Order> {
#ifdef MISUSE
  static constexpr auto fields =
      std::tuple{field("order_id", &Order::order_id), field("prices", &Order::prices)};
#else
  static constexpr auto fields = std::tuple{field("order_id", &Order::order_id)};
#endif
};
