// Which members a JSON binding may have. Included by json.h.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <weir/decimal.h>
#include <weir/json_of.h>
#include <weir/time.h>

namespace weir::detail {

template <class M>
inline constexpr bool kIsOptional = false;
template <class M>
inline constexpr bool kIsOptional<std::optional<M>> = true;

template <class M>
inline constexpr bool kIsVector = false;
template <class M>
inline constexpr bool kIsVector<std::vector<M>> = true;

template <class M>
inline constexpr bool kIsDecimal = false;
template <int Places>
inline constexpr bool kIsDecimal<Decimal<Places>> = true;

// Without the optional around it.
template <class M>
struct JsonInside {
  using Type = M;
};
template <class M>
struct JsonInside<std::optional<M>> {
  using Type = M;
};

template <class M>
concept JsonInteger = std::integral<M> && !std::same_as<M, bool> && !std::same_as<M, char>;

template <class M>
inline constexpr bool kIsJsonMember =
    JsonInteger<M> || std::floating_point<M> || std::same_as<M, bool> ||
    std::same_as<M, std::string> || kIsDecimal<M> || JsonBound<M>;
template <class M>
inline constexpr bool kIsJsonMember<std::optional<M>> = kIsJsonMember<M> && !kIsOptional<M>;
template <class M>
inline constexpr bool kIsJsonMember<std::vector<M>> = kIsJsonMember<M> && !std::same_as<M, bool>;

// A type that can be a member of a JSON binding: see json.h for the list.
template <class M>
concept JsonMember = kIsJsonMember<M>;

template <class M>
concept JsonTime = std::same_as<M, Timestamp> || std::same_as<M, std::optional<Timestamp>>;

// Calls `each(field)` for the fields of T's binding, in their order.
template <class T, class F>
constexpr void for_each_field(F&& each) {
  std::apply([&](const auto&... fields) { (each(fields), ...); }, JsonOf<T>::fields);
}

// Calls `each(field)` until one call is false; false then.
template <class T, class F>
constexpr bool all_fields(F&& each) {
  return std::apply([&](const auto&... fields) { return (each(fields) && ...); },
                    JsonOf<T>::fields);
}

template <class T>
inline constexpr std::size_t kFieldCount =
    std::tuple_size_v<std::remove_cvref_t<decltype(JsonOf<T>::fields)>>;

}  // namespace weir::detail
