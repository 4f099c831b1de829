// How aggregates over sessions and per-event windows become stages of the plan.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <weir/detail/keyed_by.h>
#include <weir/detail/per_event_stage.h>
#include <weir/detail/session_stage.h>
#include <weir/store.h>
#include <weir/topic.h>
#include <weir/topology.h>

namespace weir {

template <class K, class V>
class Stream;

}  // namespace weir

namespace weir::detail {

template <class K, class V>
auto by_key(const Stream<K, V>& stream, const std::string& name);

// R as in SessionStage.
template <class R, class K, class V, class A, class F>
Stream<Windowed<K>, R> session_windows(const Stream<K, V>& stream, std::string name,
                                       Session windows, A initial, F add,
                                       const std::optional<Topic<K, V>>& late) {
  static_assert(Mergeable<A>,
                "a record may join two sessions into one: give the aggregate a member "
                "`void merge(const A&)`");
  using S = SessionStage<K, V, A, F, R>;
  const Emit emit = std::same_as<A, R> ? Emit::on_close : Emit::on_update;
  StageSpec spec{.kind = "aggregate", .name = name, .details = in_words(windows, emit)};
  const Duration kept = windows.gap + windows.grace;
  spec.stores = {{name, "session", kept, stored_types<K, A>()}};
  spec.inputs = {by_key(stream, name).edge()};
  spec.make = [=] { return std::make_unique<S>(name, windows, initial, add); };
  auto& builder = stream.builder();
  const int stage = builder.add(std::move(spec));
  if (late) Stream<K, V>(&builder, stage, 1, KeyedBy::nobody).to(*late);
  return {&builder, stage, 0, KeyedBy::nobody};
}

template <class K, class V, class A, class F>
Stream<Windowed<K>, A> other_windows(const Stream<K, V>& stream, std::string name, Session windows,
                                     A initial, F add, Emit emit,
                                     const std::optional<Topic<K, V>>& late) {
  if (emit == Emit::on_update) {
    stream.builder().problem("'" + name +
                             "': a record may join two sessions into one, so updates must also "
                             "say which are gone: use windowed(...).updates()");
  }
  return session_windows<A>(stream, std::move(name), windows, std::move(initial), std::move(add),
                            late);
}

template <class K, class V, class A, class F>
Stream<Windowed<K>, A> other_windows(const Stream<K, V>& stream, std::string name, PerEvent windows,
                                     A initial, F add, Emit emit,
                                     const std::optional<Topic<K, V>>& late) {
  static_assert(HasStateSerde<V>,
                "per-event windows keep the records themselves: give the value a "
                "weir::StateSerde (or weir::JsonOf)");
  using S = PerEventStage<K, V, A, F>;
  StageSpec spec{.kind = "aggregate", .name = name, .details = in_words(windows, emit)};
  const Duration kept = 2 * windows.size + windows.grace;
  spec.stores = {{name, "per_event", kept, stored_types<K, V>()}};
  spec.inputs = {by_key(stream, name).edge()};
  spec.make = [=] { return std::make_unique<S>(name, windows, emit, initial, add); };
  auto& builder = stream.builder();
  const int stage = builder.add(std::move(spec));
  if (late) Stream<K, V>(&builder, stage, 1, KeyedBy::nobody).to(*late);
  return {&builder, stage, 0, KeyedBy::nobody};
}

}  // namespace weir::detail
