// The three jobs in C++ as their job files have them, field for field and rule for rule: what is
// read and checked, what is refused, what comes out. To be measured beside those files.
#pragma once

#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"

namespace weir::jobs::whole {

using Text = std::optional<std::string>;
using Money = std::optional<Decimal<2>>;
using Whole = std::optional<std::int64_t>;

struct Order {
  Text order_id{}, order_date{}, created_at{}, customer_id{};
  Money amount{};
};
struct Payment {
  Text payment_id{}, order_id{}, payment_date{}, created_at{};
  Money amount{};
};
struct PaidOrder {
  Text order_id{}, order_date{}, created_at{}, customer_id{};
  Money order_amount{};
  Text payment_id{}, payment_date{};
  Money payment_amount{};
  Timestamp processed_at = 0;
};
struct LoneRecord {
  std::string order_id{}, side{}, reason{};
  std::optional<Order> order{};
  std::optional<Payment> payment{};
};

struct Transaction {
  Text customer_id{}, transaction_id{}, transaction_date{}, first_name{}, last_name{}, email{};
  Text phone{}, gender{}, city{}, state{}, product_category{}, payment_method{}, customer_since{};
  Text producer_timestamp_str{};
  Whole age{}, zip_code{}, quantity{}, loyalty_points{}, record_id{}, batch_number{};
  Whole batch_position{};
  Money unit_price{}, total_amount{}, discount{}, final_amount{};
  std::optional<bool> is_premium_customer{};
  std::optional<double> producer_timestamp{};
};

struct ShopOrder {
  Text id{}, order_id{}, user_id{}, status{}, event_type{}, created_at{};
  Money total_amount{};
  Whole items_count{};

  bool has_identity() const { return (order_id && !order_id->empty()) || (id && !id->empty()); }
};

}  // namespace weir::jobs::whole

template <>
struct weir::JsonOf<weir::jobs::whole::Order> {
  using T = weir::jobs::whole::Order;
  static constexpr auto fields =
      std::tuple{field("order_id", &T::order_id), field("order_date", &T::order_date),
                 field("created_at", &T::created_at), field("customer_id", &T::customer_id),
                 field("amount", &T::amount)};
};
template <>
struct weir::JsonOf<weir::jobs::whole::Payment> {
  using T = weir::jobs::whole::Payment;
  static constexpr auto fields =
      std::tuple{field("payment_id", &T::payment_id), field("order_id", &T::order_id),
                 field("payment_date", &T::payment_date), field("created_at", &T::created_at),
                 field("amount", &T::amount)};
};
template <>
struct weir::JsonOf<weir::jobs::whole::PaidOrder> {
  using T = weir::jobs::whole::PaidOrder;
  static constexpr auto fields = std::tuple{field("order_id", &T::order_id),
                                            field("order_date", &T::order_date),
                                            field("created_at", &T::created_at),
                                            field("customer_id", &T::customer_id),
                                            field("order_amount", &T::order_amount),
                                            field("payment_id", &T::payment_id),
                                            field("payment_date", &T::payment_date),
                                            field("payment_amount", &T::payment_amount),
                                            time_field("processed_at", &T::processed_at)};
};
template <>
struct weir::JsonOf<weir::jobs::whole::LoneRecord> {
  using T = weir::jobs::whole::LoneRecord;
  static constexpr auto fields = std::tuple{
      field("order_id", &T::order_id), field("side", &T::side), field("reason", &T::reason),
      field("order", &T::order), field("payment", &T::payment)};
};
template <>
struct weir::JsonOf<weir::jobs::whole::Transaction> {
  using T = weir::jobs::whole::Transaction;
  static constexpr auto fields =
      std::tuple{field("customer_id", &T::customer_id),
                 field("transaction_id", &T::transaction_id),
                 field("transaction_date", &T::transaction_date),
                 field("first_name", &T::first_name),
                 field("last_name", &T::last_name),
                 field("email", &T::email),
                 field("phone", &T::phone),
                 field("age", &T::age),
                 field("gender", &T::gender),
                 field("city", &T::city),
                 field("state", &T::state),
                 field("zip_code", &T::zip_code),
                 field("product_category", &T::product_category),
                 field("quantity", &T::quantity),
                 field("unit_price", &T::unit_price),
                 field("total_amount", &T::total_amount),
                 field("discount", &T::discount),
                 field("final_amount", &T::final_amount),
                 field("payment_method", &T::payment_method),
                 field("is_premium_customer", &T::is_premium_customer),
                 field("customer_since", &T::customer_since),
                 field("loyalty_points", &T::loyalty_points),
                 field("record_id", &T::record_id),
                 field("batch_number", &T::batch_number),
                 field("batch_position", &T::batch_position),
                 field("producer_timestamp", &T::producer_timestamp),
                 field("producer_timestamp_str", &T::producer_timestamp_str)};
};
template <>
struct weir::JsonOf<weir::jobs::whole::ShopOrder> {
  using T = weir::jobs::whole::ShopOrder;
  static constexpr auto fields = std::tuple{field("id", &T::id),
                                            field("order_id", &T::order_id),
                                            field("user_id", &T::user_id),
                                            field("total_amount", &T::total_amount),
                                            field("status", &T::status),
                                            field("items_count", &T::items_count),
                                            field("event_type", &T::event_type),
                                            field("created_at", &T::created_at)};
};

namespace weir::jobs::whole {

inline bool is_there(const Text& text) { return text && !text->empty(); }

// A pair, stamped with the clock.
struct ToPaidOrder {
  using In = Record<std::string, Pair<Order, Payment>>;
  using Out = Record<std::string, PaidOrder>;

  void process(const In& record, Context<Out>& ctx) {
    const auto& [order, payment, ordered_at, paid_at] = record.value;
    const PaidOrder paid{order.order_id,       order.order_date, order.created_at,
                         order.customer_id,    order.amount,     payment.payment_id,
                         payment.payment_date, payment.amount,   ctx.wall_clock()};
    ctx.forward({record.key, paid, record.timestamp, record.observed});
  }
};

inline LoneRecord lone(const std::string& order_id, const Lone<Order, Payment>& record) {
  constexpr const char* kReasons[] = {"no_payment", "no_order", "second_payment"};
  return {order_id, record.left ? "order" : "payment", kReasons[static_cast<int>(record.reason)],
          record.left, record.right};
}

inline Result<Topology> order_payment() {
  using namespace std::chrono_literals;
  const Topic<NoKey, Order> orders_topic{"orders_topic_data_v1"};
  const Topic<NoKey, Payment> payments_topic{"payments_topic_data_v1"};
  Builder builder(ErrorPolicy{.dead_letters = "order-payments.dlq"});
  const auto orders =
      builder.stream(orders_topic)
          .require("order_id is there", [](const Order& o) { return is_there(o.order_id); })
          .rekey([](const Order& o) -> const std::string& { return *o.order_id; });
  const auto payments =
      builder.stream(payments_topic)
          .require("order_id is there", [](const Payment& p) { return is_there(p.order_id); })
          .require("payment_id is there", [](const Payment& p) { return is_there(p.payment_id); })
          .rekey([](const Payment& p) -> const std::string& { return *p.order_id; });
  const auto matched =
      orders.match_once("order-payment", payments,
                        [](const Payment& p) -> const std::string& { return *p.payment_id; },
                        {.within = 15min, .delay = 30s, .remember = 1h});
  matched.pairs.process("stamp", ToPaidOrder{}).to(Topic<std::string, PaidOrder>{"order-payments"});
  matched.unmatched.map_values(lone).to(Topic<std::string, LoneRecord>{"order-payments.unmatched"});
  return builder.build();
}

inline Result<Topology> sliding_counts() {
  return jobs::sliding_counts(Topic<NoKey, Transaction>{"customer-transactions"});
}
inline Result<Topology> order_analytics() {
  return jobs::order_analytics(Topic<NoKey, ShopOrder>{"orders"});
}

}  // namespace weir::jobs::whole
