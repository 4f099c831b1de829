// Aggregates: numbers over many records, kept so that parts of the input can be added up apart and
// merged later. Compose those you want:
//
//   const auto stats = aggregates(count(), sum(&Order::amount), distinct(&Order::user_id));
//
//   orders.group_by(&Order::shop)
//       .windowed({.size = 1min})
//       .aggregate("shop-stats", stats.start(), stats)
//       .map_values([](const auto& seen) {
//         const auto result = seen.result();
//         if (!result) return ShopMinute{.problem = result.error().text};
//         const auto& [orders, revenue, users] = *result;
//         return ShopMinute{orders, revenue, users};
//       });
//
// A field is a member of the record, a const member function, or a lambda that takes the record. An
// empty std::optional is a null: every aggregate but `count` skips it. So are NaNs.
//
// Results do not depend on the order of the records, nor on the way they were split over tasks and
// panes, but for records with equal event times in first, last and collect. Sums are exact inside;
// a result that does not fit its type is an Error, never a wrong number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <weir/bytes.h>
#include <weir/detail/aggregate_parts.h>
#include <weir/error.h>
#include <weir/record.h>
#include <weir/time.h>

namespace weir {

// The state of one group: what `Aggregates::start` gives. A plain value.
//
// Written form, version 1: the parts in their order, each as at the top of its header.
template <class... Accs>
class AggregateState {
 public:
  AggregateState() = default;
  explicit AggregateState(Accs... accs) : accs_(std::move(accs)...) {}

  // The results in the order of the parts, or the Error of the first that does not fit.
  auto result() const {
    using Results = std::tuple<decltype(std::declval<const Accs&>().value())...>;
    const Status good = status();
    if (!good) return Result<Results>(good.error());
    return Result<Results>(each([](const auto&... acc) { return Results(acc.value()...); }));
  }
  Status status() const {
    std::size_t place = 0;
    std::optional<Error> error;
    each([&](const auto&... acc) { (note_overflow(acc, ++place, error), ...); });
    return error ? Status(*std::move(error)) : Status();
  }

  // The state of both inputs together. `other` is the one whose records came later.
  void merge(const AggregateState& other) { merge(other, std::index_sequence_for<Accs...>()); }
  // As at the start, with the memory kept.
  void clear() {
    each([](auto&... acc) { (acc.clear(), ...); });
  }

  void write(std::string& out) const {
    each([&](const auto&... acc) { (acc.write(out), ...); });
  }
  // False, with the state unspecified but valid, when the bytes are damaged.
  bool read(Bytes& in) {
    return each([&](auto&... acc) { return (acc.read(in) && ...); });
  }

  // A partial is what was added since the last `next_partial`, with sets carrying only the members
  // they had not told before. It reads as a state does, and merging all partials gives the whole.
  void write_partial(std::string& out) const {
    each([&](const auto&... acc) { (write_partial(acc, out), ...); });
  }
  // After a partial was sent: sets go on knowing what they told, all else starts again.
  void next_partial() {
    each([](auto&... acc) { (next_partial(acc), ...); });
  }

  // For a store that has the rest: a partial written without `next_partial` says what is new in
  // sets since `told`, and all else whole. `read_news` takes it up.
  static constexpr bool has_sets() { return (HasNews<Accs> || ...); }
  void told() {
    each([](auto&... acc) { (told(acc), ...); });
  }
  bool read_news(Bytes& in) {
    return each([&](auto&... acc) { return (read_news(acc, in) && ...); });
  }

  // Bytes held outside of this object.
  std::size_t memory() const {
    return each([](const auto&... acc) { return (std::size_t{0} + ... + memory(acc)); });
  }
  bool operator==(const AggregateState&) const = default;

 private:
  template <class... Parts>
  friend class Aggregates;

  template <class F>
  decltype(auto) each(F f) const {
    return std::apply(f, accs_);
  }
  template <class F>
  decltype(auto) each(F f) {
    return std::apply(f, accs_);
  }
  template <std::size_t... I>
  void merge(const AggregateState& other, std::index_sequence<I...>) {
    (std::get<I>(accs_).merge(std::get<I>(other.accs_)), ...);
  }
  template <class Acc>
  static void note_overflow(const Acc& acc, std::size_t place, std::optional<Error>& error) {
    if constexpr (requires { acc.is_overflowed(); }) {
      if (error || !acc.is_overflowed()) return;
      error = Error{
          "aggregate " + std::to_string(place) + ", " + Acc::kName + ", does not fit its result",
          "use fewer decimal places, or double"};
    }
  }
  template <class Acc>
  static void write_partial(const Acc& acc, std::string& out) {
    if constexpr (requires { acc.write_news(out); }) {
      acc.write_news(out);
    } else {
      acc.write(out);
    }
  }
  template <class Acc>
  static constexpr bool HasNews = requires(const Acc& acc, std::string& out) {
    acc.write_news(out);
  };
  template <class Acc>
  static void told(Acc& acc) {
    if constexpr (HasNews<Acc>) acc.told();
  }
  template <class Acc>
  static bool read_news(Acc& acc, Bytes& in) {
    if constexpr (HasNews<Acc>) {
      return acc.merge_news(in);
    } else {
      return acc.read(in);
    }
  }
  template <class Acc>
  static void next_partial(Acc& acc) {
    if constexpr (requires { acc.told(); }) {
      acc.told();
    } else {
      acc.clear();
    }
  }
  template <class Acc>
  static std::size_t memory(const Acc& acc) {
    if constexpr (requires { acc.memory(); }) return acc.memory();
    return 0;
  }

  std::tuple<Accs...> accs_;
};

// An aggregate that reads records of type V.
template <class Part, class V>
concept AggregateOf = requires(const Part& part, typename Part::Accumulator& into, const V& value) {
  part.add(into, value, Timestamp{});
};

// What is computed, of which fields: the plan, made by `aggregates`. It is also the function that
// adds a record to a state.
template <class... Parts>
class Aggregates {
 public:
  using State = AggregateState<typename Parts::Accumulator...>;

  explicit Aggregates(Parts... parts) : parts_(std::move(parts)...) {}

  // The state of nothing.
  State start() const {
    return std::apply([](const auto&... part) { return State(part.start...); }, parts_);
  }

  template <class V>
  requires(AggregateOf<Parts, V>&&...) void add(State& into, const V& value, Timestamp time) const {
    add_each(into, value, time, std::index_sequence_for<Parts...>());
  }
  template <class K, class V>
  requires(AggregateOf<Parts, V>&&...) void operator()(State& into,
                                                       const Record<K, V>& record) const {
    add(into, record.value, record.timestamp);
  }

 private:
  template <class V, std::size_t... I>
  void add_each(State& into, const V& value, Timestamp time, std::index_sequence<I...>) const {
    (std::get<I>(parts_).add(std::get<I>(into.accs_), value, time), ...);
  }

  std::tuple<Parts...> parts_;
};

template <class... Parts>
requires(sizeof...(Parts) > 0 && (requires { typename Parts::Accumulator; } &&
                                  ...)) Aggregates<Parts...> aggregates(Parts... parts) {
  return Aggregates<Parts...>(std::move(parts)...);
}

// The number of records. int64_t.
inline auto count() { return detail::RowPart<detail::CountOf<void>>{}; }

// The number of records for which the condition, a bool, holds. int64_t.
template <ConditionField F>
auto count_if(F condition) {
  return detail::ConditionPart<F, detail::CountOf<void>>{condition, {}};
}

// The sum: int64_t of integers, the same decimal of decimals, double of doubles, where it is the
// exact sum rounded once. 0 of nothing.
template <NumberField F>
auto sum(F field) {
  return detail::ValuePart<F, detail::SumOf<detail::FieldOf<F>>>{field, {}};
}

// The mean, nothing of nothing: a decimal of two more places, rounded half to even, of decimals;
// double of integers and doubles.
template <NumberField F>
auto avg(F field) {
  return detail::ValuePart<F, detail::MeanOf<detail::FieldOf<F>>>{field, {}};
}

// The standard deviation of a sample (n - 1), as a double. Nothing of fewer than two.
template <NumberField F>
auto stddev(F field) {
  return detail::ValuePart<F, detail::DeviationOf<detail::FieldOf<F>>>{field, {}};
}

// The least and the greatest value. Nothing of nothing.
template <OrderedField F>
auto min(F field) {
  return detail::ValuePart<F, Extreme<detail::FieldOf<F>, Pick::kLeast>>{field, {}};
}
template <OrderedField F>
auto max(F field) {
  return detail::ValuePart<F, Extreme<detail::FieldOf<F>, Pick::kGreatest>>{field, {}};
}

// The value with the smallest or largest event time; of equal times the first or last that came.
template <KeptField F>
auto first(F field) {
  return detail::ValuePart<F, EndOf<detail::FieldOf<F>, End::kFirst>>{field, {}};
}
template <KeptField F>
auto last(F field) {
  return detail::ValuePart<F, EndOf<detail::FieldOf<F>, End::kLast>>{field, {}};
}

// The value beside the least or greatest `by`; of equal ones that with the smallest event time. A
// record whose `by` is null is skipped; a value that is null is a result like any other.
template <Field F, OrderedField By>
requires HasStateSerde<detail::ReadOf<F>>
auto arg_min(F field, By by) {
  using Acc = ArgExtreme<detail::ReadOf<F>, detail::FieldOf<By>, Pick::kLeast>;
  return detail::RankedPart<F, By, Acc>{field, by, {}};
}
template <Field F, OrderedField By>
requires HasStateSerde<detail::ReadOf<F>>
auto arg_max(F field, By by) {
  using Acc = ArgExtreme<detail::ReadOf<F>, detail::FieldOf<By>, Pick::kGreatest>;
  return detail::RankedPart<F, By, Acc>{field, by, {}};
}

// The first `max` values by event time, and how many there were: Collected<T>. REQUIRES: max > 0.
template <KeptField F>
auto collect(F field, std::uint64_t max) {
  using Acc = Collect<detail::FieldOf<F>>;
  return detail::ValuePart<F, Acc>{field, Acc(max)};
}

// How many different values, exactly: memory grows with them. int64_t.
template <CountableField F>
auto distinct(F field) {
  return detail::ValuePart<F, detail::DistinctOf<detail::FieldOf<F>>>{field, {}};
}

// How many different values, with this standard error, in fixed memory: 16 KiB at 0.01, 512 bytes
// at 0.05. REQUIRES: Hll::is_possible(error). int64_t.
template <CountableField F>
auto approx_distinct(F field, double error = 0.01) {
  using Acc = detail::ApproxDistinctOf<detail::FieldOf<F>>;
  return detail::ValuePart<F, Acc>{field, Acc(error)};
}

}  // namespace weir
