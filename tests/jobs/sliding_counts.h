// The job sliding-counts as a user would write it: what was sold in each 10 seconds, every 5.
#pragma once

#include <optional>
#include <string>

#include <weir/aggregate.h>
#include <weir/weir.h>

namespace weir::jobs {

struct Transaction {
  std::optional<std::string> customer_id{};
  std::optional<Decimal<2>> final_amount{};
  std::optional<std::int64_t> batch_number{};
};

struct SlidingCount {
  Timestamp window_start = 0;
  Timestamp window_end = 0;
  std::int64_t record_count = 0;
  Decimal<2> total_transaction_value{};
  std::optional<Decimal<4>> avg_transaction_value{};
  std::int64_t unique_customers = 0;
  std::optional<std::int64_t> min_batch_number{};
  std::optional<std::int64_t> max_batch_number{};
};

}  // namespace weir::jobs

template <>
struct weir::JsonOf<weir::jobs::Transaction> {
  using T = weir::jobs::Transaction;
  static constexpr auto fields =
      std::tuple{field("customer_id", &T::customer_id), field("final_amount", &T::final_amount),
                 field("batch_number", &T::batch_number)};
};
template <>
struct weir::JsonOf<weir::jobs::SlidingCount> {
  using T = weir::jobs::SlidingCount;
  static constexpr auto fields =
      std::tuple{time_field("window_start", &T::window_start),
                 time_field("window_end", &T::window_end),
                 field("record_count", &T::record_count),
                 field("total_transaction_value", &T::total_transaction_value),
                 field("avg_transaction_value", &T::avg_transaction_value),
                 field("unique_customers", &T::unique_customers),
                 field("min_batch_number", &T::min_batch_number),
                 field("max_batch_number", &T::max_batch_number)};
};

namespace weir::jobs {

inline const Topic<NoKey, Transaction> kTransactions{"customer-transactions"};
inline const Topic<std::string, SlidingCount> kSlidingCounts{"sliding-counts"};

// Of any type with these members.
template <class T>
Result<Topology> sliding_counts(const Topic<NoKey, T>& transactions) {
  using namespace std::chrono_literals;
  const auto stats =
      aggregates(count(), sum(&T::final_amount), avg(&T::final_amount), distinct(&T::customer_id),
                 min(&T::batch_number), max(&T::batch_number));
  Builder builder(ErrorPolicy{.dead_letters = "sliding-counts.dlq"});
  builder.stream(transactions)
      .group_all()
      .windowed(Windows{.size = 10s, .every = 5s, .grace = 30s})
      .aggregate("sliding-counts", stats.start(), stats)
      .map([](const Windowed<NoKey>& key, const decltype(stats.start())& seen) {
        const auto result = seen.result();
        check(static_cast<bool>(result), "a sum of money does not fit");
        const auto& [records, total, mean, customers, least, greatest] = *result;
        std::string start;
        append_time_text(start, key.window.start);
        return std::pair{start, SlidingCount{key.window.start, key.window.end, records, total, mean,
                                             customers, least, greatest}};
      })
      .to(kSlidingCounts);
  return builder.build();
}

inline Result<Topology> sliding_counts() { return sliding_counts(kTransactions); }

}  // namespace weir::jobs
