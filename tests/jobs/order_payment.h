// The job order-payments as a user writes it in C++: each order with its first payment.
#pragma once

#include <optional>
#include <string>

#include <weir/weir.h>

namespace weir::jobs {

struct Order {
  std::string order_id;
  std::optional<std::string> order_date, created_at, customer_id;
  std::optional<Decimal<2>> amount;
};
struct Payment {
  std::string payment_id, order_id;
  std::optional<std::string> payment_date, created_at;
  std::optional<Decimal<2>> amount;
};
struct PaidOrder {
  std::string order_id;
  std::optional<std::string> order_date, created_at, customer_id;
  std::optional<Decimal<2>> order_amount;
  std::string payment_id;
  std::optional<std::string> payment_date;
  std::optional<Decimal<2>> payment_amount;
};
struct LoneRecord {
  std::string order_id, side, reason;
  std::optional<Order> order;
  std::optional<Payment> payment;
};

}  // namespace weir::jobs

template <>
struct weir::JsonOf<weir::jobs::Order> {
  using T = weir::jobs::Order;
  static constexpr auto fields =
      std::tuple{field("order_id", &T::order_id), field("order_date", &T::order_date),
                 field("created_at", &T::created_at), field("customer_id", &T::customer_id),
                 field("amount", &T::amount)};
};
template <>
struct weir::JsonOf<weir::jobs::Payment> {
  using T = weir::jobs::Payment;
  static constexpr auto fields =
      std::tuple{field("payment_id", &T::payment_id), field("order_id", &T::order_id),
                 field("payment_date", &T::payment_date), field("created_at", &T::created_at),
                 field("amount", &T::amount)};
};
template <>
struct weir::JsonOf<weir::jobs::PaidOrder> {
  using T = weir::jobs::PaidOrder;
  static constexpr auto fields = std::tuple{
      field("order_id", &T::order_id),         field("order_date", &T::order_date),
      field("created_at", &T::created_at),     field("customer_id", &T::customer_id),
      field("order_amount", &T::order_amount), field("payment_id", &T::payment_id),
      field("payment_date", &T::payment_date), field("payment_amount", &T::payment_amount)};
};
template <>
struct weir::JsonOf<weir::jobs::LoneRecord> {
  using T = weir::jobs::LoneRecord;
  static constexpr auto fields = std::tuple{
      field("order_id", &T::order_id), field("side", &T::side), field("reason", &T::reason),
      field("order", &T::order), field("payment", &T::payment)};
};

namespace weir::jobs {

const Topic<NoKey, Order> kOrders{"orders_topic_data_v1"};
const Topic<NoKey, Payment> kPayments{"payments_topic_data_v1"};
const Topic<std::string, PaidOrder> kPaid{"order-payments"};
const Topic<std::string, LoneRecord> kLone{"order-payments.unmatched"};

inline PaidOrder paid(const Pair<Order, Payment>& pair) {
  const auto& [order, payment, ordered_at, paid_at] = pair;
  return {order.order_id, order.order_date,   order.created_at,     order.customer_id,
          order.amount,   payment.payment_id, payment.payment_date, payment.amount};
}

inline LoneRecord lone(const std::string& order_id, const Lone<Order, Payment>& record) {
  constexpr const char* kReasons[] = {"no_payment", "no_order", "second_payment"};
  return {order_id, record.left ? "order" : "payment", kReasons[static_cast<int>(record.reason)],
          record.left, record.right};
}

// The keys of both topics may be null: the order's id is the key that counts.
inline Result<Topology> order_payment() {
  using namespace std::chrono_literals;
  ErrorPolicy errors;
  errors.dead_letters = "order-payments.dlq";
  Builder builder(errors);
  const auto orders =
      builder.stream(kOrders)
          .require("order_id is there", [](const Order& o) { return !o.order_id.empty(); })
          .rekey(&Order::order_id);
  const auto payments =
      builder.stream(kPayments)
          .require("order_id and payment_id are there",
                   [](const Payment& p) { return !p.order_id.empty() && !p.payment_id.empty(); })
          .rekey(&Payment::order_id);
  const auto matched = orders.match_once("order-payment", payments, &Payment::payment_id,
                                         {.within = 15min, .delay = 30s, .remember = 1h});
  matched.pairs.map_values(paid).to(kPaid);
  matched.unmatched.map_values(lone).to(kLone);
  return builder.build();
}

}  // namespace weir::jobs
