// Joins of two streams, and what they may be asked for.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>

#include <weir/time.h>

namespace weir {

template <class K, class V>
class Stream;

struct DeduplicateOptions {
  Duration within{};  // A repeat is at most this far, in event time, from the first with its id.
};

enum class JoinType {
  inner,  // Pairs.
  left,   // Pairs, and each left record that found no partner.
  outer,  // Pairs, and each record of either side that found no partner.
};

// A left record and a right one join when they have the same key and
// `left - before <= right <= left + after` in event time. A record is late, and does not join, once
// its own source partition's time is past its own time plus how far the join looks ahead for its
// side plus `grace`. A record without a partner comes out at that same time.
//
//   {.within = 10min}                                   // 10 minutes either way.
//   {.before = 0s, .after = 1min, .type = JoinType::left}
struct JoinOptions {
  Duration within{};  // Both directions; else `before` and `after`.
  std::optional<Duration> before{};
  std::optional<Duration> after{};
  Duration grace{};
  JoinType type = JoinType::inner;

  Duration looks_back() const { return before.value_or(within); }
  Duration looks_ahead() const { return after.value_or(within); }
};

// A joiner takes values (inner), or pointers of which one may be null (left and outer joins):
//
//   [](const Order& o, const Payment& p) { return PaidOrder{o.id, p.id}; }
//   [](const Order* o, const Payment* p) { return Line{o->id, p ? p->id : ""}; }
//
// With pointers it may return an std::optional: nothing means that the two do not fit (a
// predicate), and the pair does not count as found.
template <class F, class V, class W>
concept JoinerOf =
    std::invocable<const F&, const V&, const W&> || std::invocable<const F&, const V*, const W*>;

namespace detail {

template <class F, class V, class W>
concept JoinsValues = std::invocable<const F&, const V&, const W&>;

template <class T>
struct Unwrapped {
  using type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using type = T;
};

template <class F, class V, class W>
struct JoinResult {
  using type = std::remove_cvref_t<std::invoke_result_t<const F&, const V*, const W*>>;
};
template <class F, class V, class W>
requires JoinsValues<F, V, W>
struct JoinResult<F, V, W> {
  using type = std::remove_cvref_t<std::invoke_result_t<const F&, const V&, const W&>>;
};

}  // namespace detail

// What a join of V and W by F emits.
template <class F, class V, class W>
using JoinedBy = typename detail::Unwrapped<typename detail::JoinResult<F, V, W>::type>::type;

// Within a time limit, in either order of arrival, each left record pairs with its first right
// record. Repeats (the key of a left record, the id of a right one) are dropped and counted, also
// after the match. What finds no partner comes out with a reason, so that each input record is half
// of a pair, unmatched, a duplicate or a dead letter.
struct MatchOptions {
  Duration within{};    // Largest distance of a pair in event time.
  Duration delay{};     // How much longer a record waits for its partner.
  Duration remember{};  // How long repeats are recognised; zero: the larger of 1 h and `within`.
};

// The two halves of a pair.
template <class V, class W>
struct Pair {
  V left{};
  W right{};
  Timestamp left_time = 0;
  Timestamp right_time = 0;
  bool operator==(const Pair&) const = default;
};

enum class Unmatched : std::uint8_t {
  no_right,      // A left record whose time ran out: "no_payment".
  no_left,       // A right record whose time ran out: "no_order".
  second_right,  // A right record whose key is matched already: "second_payment".
};

// A record that found no partner: exactly one of the two is there.
template <class V, class W>
struct Lone {
  Unmatched reason{};
  std::optional<V> left{};
  std::optional<W> right{};
  bool operator==(const Lone&) const = default;
};

// What match_once gives: every pair, and every record that has no partner.
template <class K, class V, class W>
struct Matched {
  Stream<K, Pair<V, W>> pairs;
  Stream<K, Lone<V, W>> unmatched;
};

}  // namespace weir
