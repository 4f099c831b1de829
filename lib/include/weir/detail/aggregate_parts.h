// The parts of an aggregate: accumulators that know the type of their result, and what feeds them.
// Accumulators are default-constructible and read their limits from their bytes, because that is
// how a store brings them back; the fields they read live in the plan only.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include <weir/detail/aggregate_deviation.h>
#include <weir/detail/aggregate_distinct.h>
#include <weir/detail/aggregate_exact_sum.h>
#include <weir/detail/aggregate_field.h>
#include <weir/detail/aggregate_hll.h>
#include <weir/detail/aggregate_pick.h>
#include <weir/detail/aggregate_sum.h>

namespace weir::detail {

template <class Sum, class T>
void add_number(Sum& sum, const T& x) {
  if constexpr (AnyDecimal<T>) {
    sum.add(x.units());
  } else if constexpr (std::floating_point<T>) {
    sum.add(static_cast<double>(x));
  } else if constexpr (std::unsigned_integral<T> && sizeof(T) == sizeof(std::uint64_t)) {
    sum.add_unsigned(x);
  } else {
    sum.add(static_cast<std::int64_t>(x));
  }
}

template <class T>
struct CountOf : RowCount {
  static constexpr const char* kName = "count";
};

template <class T>
struct SumOf : std::conditional_t<std::floating_point<T>, ExactSum, IntSum> {
  using Sum = std::conditional_t<std::floating_point<T>, ExactSum, IntSum>;
  static constexpr const char* kName = "sum";

  void add(const T& x) { add_number(static_cast<Sum&>(*this), x); }
  bool is_overflowed() const {
    if constexpr (std::floating_point<T>) {
      return Sum::is_overflowed();
    } else {
      return !Sum::value();
    }
  }
  auto value() const {
    if constexpr (std::floating_point<T>) {
      return Sum::value();
    } else if constexpr (AnyDecimal<T>) {
      return T::from_units(Sum::value().value_or(0));
    } else {
      return Sum::value().value_or(0);
    }
  }
  bool operator==(const SumOf&) const = default;
};

template <class T>
struct MeanOf : std::conditional_t<std::floating_point<T>, DoubleMean, IntMean> {
  using Mean = std::conditional_t<std::floating_point<T>, DoubleMean, IntMean>;
  static constexpr const char* kName = "avg";
  static constexpr int kPlaces = IntMean::places_of_mean(kPlacesOf<T>);  // Of decimals.

  void add(const T& x) { add_number(static_cast<Mean&>(*this), x); }
  bool is_overflowed() const {
    if constexpr (std::floating_point<T>) {
      return Mean::is_overflowed();
    } else if constexpr (AnyDecimal<T>) {
      return !Mean::is_empty() && !Mean::units(kPlaces - kPlacesOf<T>);
    } else {
      return false;
    }
  }
  auto value() const {
    if constexpr (AnyDecimal<T>) {
      using Finer = Decimal<kPlaces>;
      const auto units = Mean::is_empty() ? std::nullopt : Mean::units(kPlaces - kPlacesOf<T>);
      return units ? std::optional<Finer>(Finer::from_units(*units)) : std::nullopt;
    } else {
      return Mean::is_empty() ? std::nullopt : std::optional<double>(Mean::value());
    }
  }
  bool operator==(const MeanOf&) const = default;
};

template <class T>
struct DeviationOf : Deviation {
  static constexpr const char* kName = "stddev";

  void add(const T& x) { add_number(static_cast<Deviation&>(*this), x); }
  std::optional<double> value() const {
    auto deviation = Deviation::value();
    if constexpr (AnyDecimal<T>) {
      if (deviation) *deviation /= static_cast<double>(power_of_ten(kPlacesOf<T>));
    }
    return deviation;
  }
  bool operator==(const DeviationOf&) const = default;
};

// What a set keeps of a value that is no string.
template <class T>
std::int64_t bits_of(const T& x) {
  if constexpr (AnyDecimal<T>) {
    return x.units();
  } else if constexpr (std::floating_point<T>) {
    return std::bit_cast<std::int64_t>(static_cast<double>(x) + 0.0);  // -0 is 0.
  } else {
    return static_cast<std::int64_t>(x);
  }
}

template <class T, class Set>
void add_member(Set& set, const T& x) {
  if constexpr (std::same_as<T, std::string>) {
    set.add(std::string_view(x));
  } else if (!is_nan(x)) {
    set.add(bits_of(x));
  }
}

template <class T>
struct DistinctOf
    : std::conditional_t<std::same_as<T, std::string>, DistinctStrings, DistinctInts> {
  using Set = std::conditional_t<std::same_as<T, std::string>, DistinctStrings, DistinctInts>;
  static constexpr const char* kName = "distinct";
  void add(const T& x) { add_member(static_cast<Set&>(*this), x); }
  bool operator==(const DistinctOf&) const = default;
};

template <class T>
struct ApproxDistinctOf : Hll {
  static constexpr const char* kName = "approx_distinct";
  using Hll::Hll;
  void add(const T& x) { add_member(static_cast<Hll&>(*this), x); }
  bool operator==(const ApproxDistinctOf&) const = default;
};

// What feeds an accumulator: `start` is copied for each new group.
template <class Acc>
struct RowPart {
  using Accumulator = Acc;
  Acc start{};
  template <class V>
  void add(Acc& into, const V&, Timestamp) const {
    into.add();
  }
};

template <class F, class Acc>
struct ConditionPart {
  using Accumulator = Acc;
  F condition;
  Acc start{};
  void add(Acc& into, const RowOf<F>& row, Timestamp) const {
    auto&& holds = std::invoke(condition, row);
    const bool* held = known(holds);
    if (held && *held) into.add();
  }
};

template <class F, class Acc>
struct ValuePart {
  using Accumulator = Acc;
  F field;
  Acc start{};
  void add(Acc& into, const RowOf<F>& row, Timestamp time) const {
    auto&& read = std::invoke(field, row);
    const auto* value = known(read);
    if (!value) return;
    if constexpr (requires { into.add(*value, time); }) {
      into.add(*value, time);
    } else {
      into.add(*value);
    }
  }
};

template <class F, class By, class Acc>
struct RankedPart {
  using Accumulator = Acc;
  F field;
  By by;
  Acc start{};
  void add(Acc& into, const RowOf<F>& row, Timestamp time) const {
    auto&& rank = std::invoke(by, row);
    const auto* known_rank = known(rank);
    if (known_rank) into.add(std::invoke(field, row), *known_rank, time);
  }
};

}  // namespace weir::detail
