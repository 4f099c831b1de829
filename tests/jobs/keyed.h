// Jobs that measurements run beside the shipped three: with keys in the input, so that no record
// goes through a repartition topic, and as little logic as each kind of state allows.
#pragma once

#include <string>

#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"

namespace weir::jobs {

const Topic<std::string, Transaction> kKeyedTransactions{"transactions-by-customer"};
const Topic<std::string, SlidingCount> kCustomerMinutes{"customer-minutes"};
const Topic<std::string, Order> kKeyedOrders{"orders-by-id"};
const Topic<std::string, Payment> kKeyedPayments{"payments-by-id"};
const Topic<std::string, PaidOrder> kKeyedPaid{"paid-by-id"};
const Topic<std::string, LoneRecord> kKeyedLone{"unpaid-by-id"};
const Topic<std::string, std::string> kKeys{"keys"};
const Topic<std::string, std::string> kKeyCounts{"key-counts"};
const Topic<NoKey, std::string> kForwardIn{"forward-in"}, kForwardOut{"forward-out"};

// What each customer spent in each minute.
inline Result<Topology> customer_minutes() {
  using namespace std::chrono_literals;
  const auto stats = aggregates(count(), sum(&Transaction::final_amount));
  Builder builder(ErrorPolicy{.dead_letters = "customer-minutes.dlq"});
  builder.stream(kKeyedTransactions)
      .group_by_key()
      .windowed(Windows{.size = 1min, .grace = 30s})
      .aggregate("customer-minutes", stats.start(), stats)
      .map([](const Windowed<std::string>& key, const decltype(stats.start())& seen) {
        const auto result = seen.result();
        check(static_cast<bool>(result), "a sum of money does not fit");
        const auto& [records, total] = *result;
        return std::pair{key.key, SlidingCount{key.window.start, key.window.end, records, total}};
      })
      .to(kCustomerMinutes);
  return builder.build();
}

// The job order-payments over topics that are keyed by the order's id.
inline Result<Topology> keyed_order_payment() {
  using namespace std::chrono_literals;
  Builder builder(ErrorPolicy{.dead_letters = "paid-by-id.dlq"});
  const auto matched =
      builder.stream(kKeyedOrders)
          .match_once("paid-by-id", builder.stream(kKeyedPayments), &Payment::payment_id,
                      {.within = 15min, .delay = 30s, .remember = 1h});
  matched.pairs.map_values(paid).to(kKeyedPaid);
  matched.unmatched.map_values(lone).to(kKeyedLone);
  return builder.build();
}

// How often each key came in its day, told with each record: as much state as there are keys.
inline Result<Topology> key_counts() {
  using namespace std::chrono_literals;
  Builder builder(ErrorPolicy{.dead_letters = "key-counts.dlq"});
  builder.stream(kKeys)
      .group_by_key()
      .windowed(Windows{.size = 24h, .grace = 24h})
      .count("key-counts", Emit::on_update)
      .map([](const Windowed<std::string>& key, std::int64_t records) {
        return std::pair{key.key, std::to_string(records)};
      })
      .to(kKeyCounts);
  return builder.build();
}

// Nothing but a copy.
inline Result<Topology> forward() {
  Builder builder(ErrorPolicy{.dead_letters = "forward.dlq"});
  builder.stream(kForwardIn).to(kForwardOut);
  return builder.build();
}

}  // namespace weir::jobs
