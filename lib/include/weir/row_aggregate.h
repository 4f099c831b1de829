// Aggregates over rows whose types are known only at run time: what a job file asks for.
//
//   const RowAggregates stats({{.name = "orders", .kind = AggregateKind::kCount},
//                              {.name = "revenue", .kind = AggregateKind::kSum, .argument = 3,
//                               .type = {JsonValue::Kind::kDecimal, 2}}});
//   RowState state = stats.start();
//   stats.add(state, row, time);        // row: a span of JsonValue
//   if (Status s = stats.result(state, results, text); !s) return s.error();
//
// The same rules as in aggregate.h: nulls and NaNs are skipped, results do not depend on order or
// on how the input was split, and what does not fit is an Error.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <weir/bytes.h>
#include <weir/detail/aggregate_deviation.h>
#include <weir/detail/aggregate_distinct.h>
#include <weir/detail/aggregate_exact_sum.h>
#include <weir/detail/aggregate_hll.h>
#include <weir/detail/aggregate_pick.h>
#include <weir/detail/aggregate_quantile.h>
#include <weir/detail/aggregate_sum.h>
#include <weir/error.h>
#include <weir/json_value.h>
#include <weir/row_value.h>
#include <weir/time.h>

namespace weir {

template <>
struct detail::InOf<RowValue> {
  using Type = JsonValue;
};

enum class AggregateKind : std::uint8_t {
  kCount,    // Rows. No argument.
  kCountIf,  // Rows whose argument, a bool, is true.
  kSum,      // Of int, decimal, double: the same type.
  kAvg,      // double; of decimal(n) decimal(n + 2), at most 18.
  kMin,
  kMax,
  kFirst,  // By event time.
  kLast,
  kAny,             // Some value: the first.
  kCountDistinct,   // Exact.
  kApproxDistinct,  // parameter: the standard error.
  kStddev,          // double.
  kQuantile,        // double. parameter: which, 0 to 1.
  kCollect,         // A JSON array of the first `max` values by event time.
  kArgMax,          // The argument of the row whose `by` is greatest.
  kArgMin,
};

struct RowType {
  JsonValue::Kind kind = JsonValue::Kind::kNull;  // kNull: known only when the value is there.
  int places = 0;                                 // Of decimals.
};

struct RowAggregate {
  std::string name{};  // For errors.
  AggregateKind kind = AggregateKind::kCount;
  std::size_t argument = 0;  // The place of its value in the row.
  RowType type{};            // Of the argument.
  std::size_t by = 0;        // arg_max, arg_min: the place of what is compared.
  double parameter = 0;
  std::uint64_t max = 0;
};

// The aggregates of one group of rows. Default-constructible and read back without its plan.
//
// Written form, version 1:
//   row state = varint(n) (tag:byte body)*
//   tag       = the place in `Part`, body as at the top of its header
class RowState {
 public:
  void write(std::string& out) const;
  bool read(Bytes& in);
  // Throws BrokenWorld when `other` was written by another plan.
  void merge(const RowState& other);
  void clear();

  // As in aggregate.h: what was added since the last `next_partial`; reads as a state does.
  void write_partial(std::string& out) const;
  void next_partial();
  bool has_sets() const;
  void told();
  bool read_news(Bytes& in);

  std::size_t memory() const;
  bool operator==(const RowState&) const = default;

 private:
  friend class RowAggregates;

  // Large ones lie elsewhere, so that a count does not pay for a set.
  template <class T>
  class Boxed {
   public:
    Boxed() : box_(std::make_unique<T>()) {}
    explicit Boxed(T value) : box_(std::make_unique<T>(std::move(value))) {}
    Boxed(const Boxed& other) : box_(std::make_unique<T>(*other.box_)) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) {
      if (!box_) box_ = std::make_unique<T>();
      *box_ = *other.box_;
      return *this;
    }
    Boxed& operator=(Boxed&&) noexcept = default;
    T& operator*() { return *box_; }
    const T& operator*() const { return *box_; }
    bool operator==(const Boxed& other) const { return *box_ == *other.box_; }

   private:
    std::unique_ptr<T> box_;  // Null only when moved from.
  };

  using Part =
      std::variant<RowCount, IntSum, ExactSum, IntMean, DoubleMean, Boxed<Deviation>,
                   Extreme<RowValue, Pick::kLeast>, Extreme<RowValue, Pick::kGreatest>,
                   EndOf<RowValue, End::kFirst>, EndOf<RowValue, End::kLast>,
                   Boxed<ArgExtreme<RowValue, RowValue, Pick::kLeast>>,
                   Boxed<ArgExtreme<RowValue, RowValue, Pick::kGreatest>>, Boxed<Collect<RowValue>>,
                   Boxed<DistinctInts>, Boxed<DistinctStrings>, Boxed<Hll>, Boxed<Quantiles>>;

  static Part part_of(const RowAggregate& aggregate);

  std::vector<Part> parts_;
};

class RowAggregates {
 public:
  // REQUIRES: parameters that `problem` has nothing against.
  explicit RowAggregates(std::vector<RowAggregate> aggregates);

  // Why an aggregate cannot be, in words for who wrote it; success when it can.
  static Status problem(const RowAggregate& aggregate);
  // The type of the result.
  static RowType result_type(const RowAggregate& aggregate);

  RowState start() const { return start_; }

  // Adds a row. An Error, with nothing added, when a value is not of the type that was declared for
  // it: ints pass for decimals and doubles, decimals for doubles and for other decimals.
  Status add(RowState& into, std::span<const JsonValue> row, Timestamp time) const;

  // Fills `results`, in the order of the plan. Views in it lie in `state` and in `text`, which is
  // overwritten. REQUIRES: results.size() == size().
  Status result(const RowState& state, std::span<JsonValue> results, std::string& text) const;

  std::size_t size() const { return aggregates_.size(); }

 private:
  bool fits(const RowState& state) const;

  std::vector<RowAggregate> aggregates_;
  RowState start_;
};

}  // namespace weir
