// What an aggregate may read of a record: a member, a const member function, or a function of one
// record that is not generic. An empty optional is a null and is skipped.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include <weir/decimal.h>
#include <weir/serde.h>

namespace weir::detail {

template <class T>
struct Known {
  using Type = T;
};
template <class T>
struct Known<std::optional<T>> {
  using Type = T;
};

// The value, or null when it is none.
template <class T>
const T* known(const T& value) {
  return &value;
}
template <class T>
const T* known(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

template <class F>
struct Call;
template <class C, class R, class A>
struct Call<R (C::*)(A) const> {
  using Row = std::remove_cvref_t<A>;
};
template <class C, class R, class A>
struct Call<R (C::*)(A) const noexcept> : Call<R (C::*)(A) const> {};

template <class F>
struct Reads {};
template <class C, class M>
struct Reads<M C::*> {
  using Row = C;
};
template <class R, class A>
struct Reads<R (*)(A)> {
  using Row = std::remove_cvref_t<A>;
};
template <class F>
requires requires { &F::operator(); }
struct Reads<F> : Call<decltype(&F::operator())> {};

template <class F>
using RowOf = typename Reads<F>::Row;
template <class F>
using ReadOf = std::remove_cvref_t<std::invoke_result_t<const F&, const RowOf<F>&>>;
template <class F>
using FieldOf = typename Known<ReadOf<F>>::Type;

template <class T>
inline constexpr int kPlacesOf = -1;  // No decimal.
template <int Places>
inline constexpr int kPlacesOf<Decimal<Places>> = Places;
template <class T>
concept AnyDecimal = (kPlacesOf<T> >= 0);
template <class T>
concept AnyInteger = std::integral<T> && !std::same_as<T, bool>;

}  // namespace weir::detail

namespace weir {

// &Order::amount, or [](const Order& order) { return order.price * order.pieces; }.
template <class F>
concept Field = requires {
  typename detail::FieldOf<F>;
};

template <class F>
concept NumberField = Field<F> &&
    (detail::AnyInteger<detail::FieldOf<F>> || std::floating_point<detail::FieldOf<F>> ||
     detail::AnyDecimal<detail::FieldOf<F>>);

template <class F>
concept KeptField = Field<F> && std::default_initializable<detail::FieldOf<F>> &&
    std::copyable<detail::FieldOf<F>> && HasStateSerde<detail::FieldOf<F>>;

template <class F>
concept OrderedField = KeptField<F> && std::totally_ordered<detail::FieldOf<F>>;

template <class F>
concept CountableField = NumberField<F> ||
    (Field<F> &&
     (std::same_as<detail::FieldOf<F>, bool> || std::same_as<detail::FieldOf<F>, std::string>));

template <class F>
concept ConditionField = Field<F> && std::same_as < detail::FieldOf<F>,
bool > ;

}  // namespace weir
