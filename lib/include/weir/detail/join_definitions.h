// Definitions of Stream's joins and of deduplicate: how they become stages of the plan.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <weir/detail/deduplicate_stage.h>
#include <weir/detail/join_plan.h>
#include <weir/detail/join_stage.h>
#include <weir/detail/match_stage.h>
#include <weir/stream.h>

namespace weir {

namespace detail {

// Defined in stream_definitions.h.
template <class K, class V>
Stream<K, V> through_topic(const Stream<K, V>& stream, const std::string& name, int partitions,
                           int partition);
template <class K, class V>
auto by_key(const Stream<K, V>& stream, const std::string& name);

// Both inputs of a join with records of one key in one task.
template <class K, class V, class W>
std::pair<Stream<K, V>, Stream<K, W>> keyed_alike(const Stream<K, V>& left,
                                                  const Stream<K, W>& right,
                                                  const std::string& name) {
  static_assert(!std::same_as<K, NoKey>, "records without keys cannot be joined: rekey both first");
  left.builder().check_own(right.builder());
  const bool differ = left.keyed_by() != right.keyed_by();
  const auto keyed = [&](const auto& stream, const char* side) {
    const bool lies_right =
        stream.keyed_by() == KeyedBy::repartition ||
        (stream.keyed_by() == KeyedBy::producers && (!differ || kKeyAsProduced<K>));
    return lies_right ? stream : through_topic(stream, name + side, 0, -1);
  };
  return {keyed(left, "-left"), keyed(right, "-right")};
}

template <class K, class V, class W, class F>
auto interval_join(const Stream<K, V>& left, const Stream<K, W>& right, const std::string& name,
                   F joiner, const JoinOptions& options, JoinKind kind)
    -> Stream<K, JoinedBy<F, V, W>> {
  static_assert(HasStateSerde<K> && HasStateSerde<V> && HasStateSerde<W>,
                "a join keeps keys and values in stores: give them a weir::StateSerde or JsonOf");
  using S = JoinStage<K, V, W, F>;
  Builder& builder = left.builder();
  if (std::string wrong = wrong_with(name, options); !wrong.empty()) {
    builder.problem(std::move(wrong));
  }
  const auto [from_left, from_right] = keyed_alike(left, right, name);
  StageSpec spec{.kind = kind == JoinKind::anti ? "anti_join" : "join", .name = name};
  spec.details = in_words(options, kind);
  spec.same_key = true;
  spec.inputs = {from_left.edge(0), from_right.edge(1)};
  const JoinPlan plan(options, kind);
  spec.stores = {{name + "-left", "join", plan.keep, stored_types<K, V>()},
                 {name + "-right", "join", plan.keep, stored_types<K, W>()}};
  spec.make = [name, plan, joiner = std::move(joiner)] {
    return std::make_unique<S>(name, plan, joiner);
  };
  return {&builder, builder.add(std::move(spec)), 0, from_left.keyed_by()};
}

}  // namespace detail

template <class K, class V>
template <class W, class F>
requires JoinerOf<F, V, W>
auto Stream<K, V>::join(std::string name, const Stream<K, W>& other, F joiner,
                        JoinOptions options) const -> Stream<K, JoinedBy<F, V, W>> {
  if (detail::JoinsValues<F, V, W> && options.type != JoinType::inner) {
    builder_->problem("'" + name + "': in a left or outer join a side may be missing: let the " +
                      "joiner take pointers, (const Left*, const Right*)");
  }
  const auto kind = static_cast<detail::JoinKind>(options.type);
  return detail::interval_join(*this, other, name, std::move(joiner), options, kind);
}

template <class K, class V>
template <class W>
Stream<K, V> Stream<K, V>::anti_join(std::string name, const Stream<K, W>& other,
                                     JoinOptions options) const {
  return detail::interval_join(*this, other, name, detail::LeftAlone{}, options,
                               detail::JoinKind::anti);
}

template <class K, class V>
template <class W, class F>
requires detail::MapperOf<F, K, W>
auto Stream<K, V>::match_once(std::string name, const Stream<K, W>& other, F id,
                              MatchOptions options) const -> Matched<Present, V, W> {
  static_assert(HasStateSerde<Present> && HasStateSerde<V> && HasStateSerde<W>,
                "a join keeps keys and values in stores: give them a weir::StateSerde or JsonOf");
  using S = detail::MatchStage<Present, V, W, F>;
  if (std::string wrong = detail::wrong_with(name, options); !wrong.empty()) {
    builder_->problem(std::move(wrong));
  }
  const auto [left, right] = detail::keyed_alike(with_key(), other.with_key(), name);
  StageSpec spec{.kind = "match_once", .name = name, .details = detail::in_words(options)};
  spec.same_key = true;
  spec.inputs = {left.edge(0), right.edge(1)};
  const Duration keep = std::max(options.within + options.delay, detail::remembers(options));
  spec.stores = {{name, "match", keep, detail::stored_types<Present, V, W>()}};
  spec.make = [name, options, id = std::move(id)] {
    return std::make_unique<S>(name, options, id);
  };
  const int stage = builder_->add(std::move(spec));
  return {{builder_, stage, 0, left.keyed_by()}, {builder_, stage, 1, left.keyed_by()}};
}

template <class K, class V>
template <detail::MapperOf<K, V> F>
auto Stream<K, V>::deduplicate(std::string name, F id, DeduplicateOptions options) const
    -> Stream<Present, V> {
  static_assert(!std::same_as<Present, NoKey>, "these records have no key: rekey them by the id");
  using S = detail::DeduplicateStage<Present, V, F>;
  if (std::string wrong = detail::wrong_with(name, options); !wrong.empty()) {
    builder_->problem(std::move(wrong));
  }
  StageSpec spec{.kind = "deduplicate", .name = name, .details = detail::in_words(options)};
  const auto keyed = detail::by_key(*this, name);
  spec.inputs = {keyed.edge()};
  spec.stores = {{name, "deduplicate", options.within}};
  spec.make = [name, within = options.within, id = std::move(id)] {
    return std::make_unique<S>(name, within, id);
  };
  return {builder_, builder_->add(std::move(spec)), 0, keyed.keyed_by()};
}

}  // namespace weir
