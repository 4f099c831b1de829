// The job order-analytics as a user would write it: orders, users and revenue of each minute.
#pragma once

#include <optional>
#include <string>

#include <weir/aggregate.h>
#include <weir/weir.h>

namespace weir::jobs {

struct ShopOrder {
  std::optional<std::string> id{};
  std::optional<std::string> order_id{};
  std::optional<std::string> user_id{};
  std::optional<Decimal<2>> total_amount{};

  // Empty counts as missing.
  bool has_identity() const { return (order_id && !order_id->empty()) || (id && !id->empty()); }
};

struct OrderMinute {
  Timestamp window_start = 0;
  Timestamp window_end = 0;
  std::int64_t unique_users = 0;
  std::int64_t total_orders = 0;
  Decimal<2> total_revenue{};
  std::optional<Decimal<4>> avg_order_value{};
  Timestamp processed_at = 0;
  std::string metric_type = "order_analytics";
  std::string window_type = "1_minute_window";
};

}  // namespace weir::jobs

template <>
struct weir::JsonOf<weir::jobs::ShopOrder> {
  using T = weir::jobs::ShopOrder;
  static constexpr auto fields =
      std::tuple{field("id", &T::id), field("order_id", &T::order_id),
                 field("user_id", &T::user_id), field("total_amount", &T::total_amount)};
};
template <>
struct weir::JsonOf<weir::jobs::OrderMinute> {
  using T = weir::jobs::OrderMinute;
  static constexpr auto fields = std::tuple{
      time_field("window_start", &T::window_start), time_field("window_end", &T::window_end),
      field("unique_users", &T::unique_users),      field("total_orders", &T::total_orders),
      field("total_revenue", &T::total_revenue),    field("avg_order_value", &T::avg_order_value),
      time_field("processed_at", &T::processed_at), field("metric_type", &T::metric_type),
      field("window_type", &T::window_type)};
};

namespace weir::jobs {

inline const Topic<NoKey, ShopOrder> kShopOrders{"orders"};
inline const Topic<std::string, OrderMinute> kOrderMinutes{"analytics-results"};

template <class T>
auto order_stats() {
  return aggregates(distinct(&T::user_id), count(), sum(&T::total_amount));
}

// The result of a minute, stamped with the clock.
template <class T>
struct ToOrderMinute {
  using In = Record<Windowed<NoKey>, decltype(order_stats<T>().start())>;
  using Out = Record<std::string, OrderMinute>;

  void process(const In& record, Context<Out>& ctx) {
    const auto result = record.value.result();
    check(static_cast<bool>(result), "a sum of money does not fit");
    const auto& [users, orders, revenue] = *result;
    const Window window = record.key.window;
    OrderMinute minute{window.start, window.end, users, orders, revenue, {}, ctx.wall_clock()};
    if (const auto units = divide_half_even(revenue.units(), orders, 2)) {
      minute.avg_order_value = Decimal<4>::from_units(*units);
    }
    std::string start;
    append_time_text(start, window.start);
    ctx.forward({start, minute, record.timestamp, record.observed});
  }
};

// Of any type with these members.
template <class T>
Result<Topology> order_analytics(const Topic<NoKey, T>& orders) {
  using namespace std::chrono_literals;
  const auto stats = order_stats<T>();
  Builder builder(ErrorPolicy{.dead_letters = "order-analytics.dlq"});
  builder.stream(orders)
      .require("order_id ?? id is there", &T::has_identity)
      .group_all()
      .windowed(Windows{.size = 1min, .grace = 30s})
      .aggregate("order-analytics", stats.start(), stats)
      .process("stamp", ToOrderMinute<T>{})
      .to(kOrderMinutes);
  return builder.build();
}

inline Result<Topology> order_analytics() { return order_analytics(kShopOrders); }

}  // namespace weir::jobs
