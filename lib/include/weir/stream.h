// Stream<K, V>: records without end, and the operators on them.
//
// Functions may take the value, the key and the value, or the whole record. Operators with state
// take their name first: stores and topics are called after it, so keep it when the job changes.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <weir/builder.h>
#include <weir/detail/ends.h>
#include <weir/detail/keyed_by.h>
#include <weir/detail/stateless.h>
#include <weir/join.h>
#include <weir/processor.h>

namespace weir {

template <class K, class V, bool Global = false>
class Grouped;
template <class K, class V, class W, bool Global = false>
class WindowedBy;

// Options of operators without state. The name is for describe() only.
struct Named {
  std::string name = {};
};

struct RepartitionOptions {
  int partitions = 0;  // Zero: as many as the tasks that write it.
};

template <class K, class V>
class Stream {
  // Null keys end where keys are needed, with a counter.
  using Present = typename detail::OptionalOf<K>::type;

 public:
  using Key = K;
  using Value = V;

  // Keeps the records for which `keep` is true.
  template <detail::PredicateOf<K, V> F>
  Stream filter(F keep, Named options = {}) const {
    return then<detail::Filter<K, V, F>>("filter", options, {std::move(keep)}, keyed_by_);
  }

  // Keeps the records that obey a rule. The others are dead letters with reason `require` and the
  // rule's text, and do not move stream time: an operator with state, or a repartition topic, that
  // they have passed before has let their time count, so put rules first.
  template <detail::PredicateOf<K, V> F>
  Stream require(std::string rule, F keep, Named options = {}) const {
    using S = detail::RequireStage<K, V, F>;
    StageSpec spec{.kind = "require", .name = options.name, .details = rule, .inputs = {edge()}};
    spec.make = [keep = std::move(keep), rule] { return std::make_unique<S>(keep, rule); };
    return {builder_, builder_->add(std::move(spec)), 0, keyed_by_};
  }

  // A new value for each record.
  template <detail::MapperOf<K, V> F>
  auto map_values(F f, Named options = {}) const -> Stream<K, detail::ResultOf<F, K, V>> {
    return then<detail::MapValues<K, V, F>>("map_values", options, {std::move(f)}, keyed_by_);
  }

  // A new key and value: `f` returns a pair.
  template <detail::MapperOf<K, V> F>
  requires requires(detail::ResultOf<F, K, V> pair) { pair.first, pair.second; }
  auto map(F f, Named options = {}) const {
    return then<detail::Map<K, V, F>>("map", options, {std::move(f)}, KeyedBy::nobody);
  }

  // Any number of new values for each record: `f` returns a range of them.
  template <detail::MapperOf<K, V> F>
  requires std::ranges::range<detail::ResultOf<F, K, V>>
  auto flat_map_values(F f, Named options = {}) const {
    return then<detail::FlatMapValues<K, V, F>>("flat_map_values", options, {std::move(f)},
                                                keyed_by_);
  }

  // Any number of new records: `f` returns a range of pairs of key and value.
  template <detail::MapperOf<K, V> F>
  requires std::ranges::range<detail::ResultOf<F, K, V>>
  auto flat_map(F f, Named options = {}) const {
    return then<detail::FlatMap<K, V, F>>("flat_map", options, {std::move(f)}, KeyedBy::nobody);
  }

  // Looks at each record as it passes.
  template <detail::FunctionOf<K, V> F>
  Stream peek(F look, Named options = {}) const {
    return then<detail::Peek<K, V, F>>("peek", options, {std::move(look)}, keyed_by_);
  }

  // The end of a stream in a function.
  template <detail::FunctionOf<K, V> F>
  void for_each(F f, Named options = {}) const {
    then<detail::ForEach<K, V, F>>("for_each", options, {std::move(f)}, keyed_by_);
  }

  // A new key for each record. Operators that need all records of a key in one place put a
  // repartition topic before themselves.
  template <detail::MapperOf<K, V> F>
  auto rekey(F key, Named options = {}) const -> Stream<detail::ResultOf<F, K, V>, V> {
    return then<detail::Rekey<K, V, F>>("rekey", options, {std::move(key)}, KeyedBy::nobody);
  }

  // One stream for each predicate, and one for what none of them takes; the first that holds
  // decides.
  //
  //   auto [big, small, rest] = stream.branch(is_big, is_small);
  template <detail::PredicateOf<K, V>... F>
  auto branch(F... predicates) const -> std::array<Stream<K, V>, sizeof...(F) + 1>;

  // Both streams as one. Between them there is no order.
  Stream merge(const Stream& other, Named options = {}) const;

  // Through the topic `<job>-<name>-repartition`, so that all records of a key meet in one task.
  Stream<Present, V> repartition(std::string name, RepartitionOptions options = {}) const;

  // The records that have a key; the others are counted as `null_key`.
  Stream<Present, V> with_key() const;

  // The end of a stream in a topic.
  void to(const Topic<K, V>& topic) const;

  // Records gathered by a new key, by the key they have, or as a whole.
  template <detail::MapperOf<K, V> F>
  auto group_by(F key) const;
  Grouped<Present, V> group_by_key() const;
  Grouped<K, V, true> group_all() const;

  // A processor of your own, see processor.h, with the stores it uses.
  template <ProcessorOf<Record<K, V>> P>
  auto process(std::string name, P processor, std::vector<StoreName> stores = {}) const
      -> Stream<typename P::Out::Key, typename P::Out::Value>;

  // Drops repeats: records whose `id` was seen at most `within` away in event time. The first to
  // come goes on; the others are counted as `duplicate`. An id is remembered until stream time is
  // past the first record's time plus `within`. A record whose id is null has none: it goes on.
  //
  // Ids are compared within a task, so all records of an id must have the same key: they have when
  // the id is the key, or when it belongs to one key for good (an event of one customer). Else
  // rekey by the id first. A stream whose key was changed goes through a repartition topic.
  //
  //   orders.rekey(&Order::id).deduplicate("first-orders", &Order::id, {.within = 10min})
  template <detail::MapperOf<K, V> F>
  Stream<Present, V> deduplicate(std::string name, F id, DeduplicateOptions options) const;

  // Pairs with records of `other` that have the same key and are near in event time: see join.h.
  // Records without a key have no partner: they are counted as `null_key`, or come out at once
  // where records without a partner do.
  template <class W, class F>
  requires JoinerOf<F, V, W>
  auto join(std::string name, const Stream<K, W>& other, F joiner, JoinOptions options) const
      -> Stream<K, JoinedBy<F, V, W>>;

  // Each record of this stream that found no partner. `options.type` is not looked at.
  template <class W>
  Stream<K, V> anti_join(std::string name, const Stream<K, W>& other, JoinOptions options) const;

  // Each record with its first partner, once: see join.h. `id` tells the repeats of `other`.
  template <class W, class F>
  requires detail::MapperOf<F, K, W> Matched<Present, V, W> match_once(std::string name,
                                                                       const Stream<K, W>& other,
                                                                       F id, MatchOptions options)
  const;

  // For operators: where the stream comes from.
  Stream(Builder* builder, int stage, int output, KeyedBy keyed_by)
      : builder_(builder), stage_(stage), output_(output), keyed_by_(keyed_by) {}
  Edge edge(int port = 0) const { return {stage_, output_, port}; }
  Builder& builder() const { return *builder_; }
  KeyedBy keyed_by() const { return keyed_by_; }

 private:
  template <class P>
  auto then(const char* kind, const Named& options, P processor, KeyedBy keyed_by) const
      -> Stream<typename P::Out::Key, typename P::Out::Value> {
    using S = ProcessorStage<P, Record<K, V>>;
    StageSpec spec{.kind = kind, .name = options.name, .inputs = {edge()}};
    spec.make = [processor = std::move(processor)] {
      return std::make_unique<S>(processor, false);
    };
    return {builder_, builder_->add(std::move(spec)), 0, keyed_by};
  }

  Builder* builder_;
  int stage_;
  int output_;
  KeyedBy keyed_by_;
};

}  // namespace weir

#include <weir/grouped.h>
