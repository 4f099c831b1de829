// Calls the user's functions: each may take the value, the key and the value, or the record.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include <weir/record.h>

namespace weir::detail {

template <class F, class K, class V>
concept TakesValue = std::invocable<const F&, const V&>;
template <class F, class K, class V>
concept TakesKeyValue = std::invocable<const F&, const K&, const V&>;
template <class F, class K, class V>
concept TakesRecord = std::invocable < const F&,
        const Record<K, V>
& > ;

// What the DSL accepts as a function of a record of K and V.
template <class F, class K, class V>
concept FunctionOf = TakesValue<F, K, V> || TakesKeyValue<F, K, V> || TakesRecord<F, K, V>;

template <class F, class K, class V>
requires FunctionOf<F, K, V>
decltype(auto) call(const F& f, const Record<K, V>& record) {
  if constexpr (TakesValue<F, K, V>) {
    return std::invoke(f, record.value);
  } else if constexpr (TakesKeyValue<F, K, V>) {
    return std::invoke(f, record.key, record.value);
  } else {
    return std::invoke(f, record);
  }
}

template <class F, class K, class V>
using ResultOf = std::remove_cvref_t<decltype(call(std::declval<const F&>(),
                                                   std::declval<const Record<K, V>&>()))>;

template <class F, class K, class V>
concept PredicateOf = FunctionOf<F, K, V> && std::convertible_to < ResultOf<F, K, V>,
bool > ;

// A function of a record that returns something to keep.
template <class F, class K, class V>
concept MapperOf = FunctionOf<F, K, V> && !std::is_void_v<ResultOf<F, K, V>>;

}  // namespace weir::detail
