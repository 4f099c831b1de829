// Definitions of Builder, Stream and WindowedBy: how operators become stages of the plan.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weir/builder.h>
#include <weir/detail/join_definitions.h>
#include <weir/detail/session_definitions.h>
#include <weir/detail/window_stages.h>
#include <weir/grouped.h>
#include <weir/store.h>
#include <weir/stream.h>

namespace weir {

template <class K, class V>
Stream<K, V> Builder::stream(const Topic<K, V>& topic, SourceOptions options) {
  return stream(topic, detail::RecordTime{}, options);
}

template <class K, class V, class Time>
requires detail::FunctionOf<Time, K, V> Stream<K, V> Builder::stream(const Topic<K, V>& topic,
                                                                     Time time,
                                                                     SourceOptions options) {
  using S = detail::TopicSource<K, V, Time>;
  const std::type_index record = typeid(Record<K, V>);
  if (const auto known = sources_.find(topic.name); known != sources_.end()) {
    if (known->second.record != record) {
      problem("the topic '" + topic.name + "' is read with two different types: declare it once");
    } else {
      check_same(topic.name, known->second, {typeid(Time), options.idle});
      return {this, known->second.stage, 0, KeyedBy::producers};
    }
  }
  StageSpec spec{.kind = "source", .name = "source-" + topic.name, .role = Role::source};
  spec.topic = topic.name;
  spec.idle = options.idle;
  spec.details = std::string(topic.key->name()) + ", " + std::string(topic.value->name());
  spec.make = [topic, time = std::move(time)] { return std::make_unique<S>(topic, time); };
  const int stage = add(std::move(spec));
  const Reading reading{typeid(Time), options.idle};
  sources_.insert_or_assign(topic.name, Source{stage, record, reading});
  return {this, stage, 0, KeyedBy::producers};
}

template <class K, class V>
template <detail::PredicateOf<K, V>... F>
auto Stream<K, V>::branch(F... predicates) const -> std::array<Stream<K, V>, sizeof...(F) + 1> {
  using S = detail::BranchStage<K, V, F...>;
  StageSpec spec{.kind = "branch", .inputs = {edge()}};
  spec.make = [=] { return std::make_unique<S>(predicates...); };
  const int stage = builder_->add(std::move(spec));
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Stream<K, V>, sizeof...(F) + 1>{
        Stream<K, V>(builder_, stage, static_cast<int>(I), keyed_by_)...};
  }
  (std::make_index_sequence<sizeof...(F) + 1>{});
}

template <class K, class V>
Stream<K, V> Stream<K, V>::merge(const Stream& other, Named options) const {
  using S = ProcessorStage<detail::Merge<K, V>, Record<K, V>>;
  StageSpec spec{.kind = "merge", .name = options.name, .inputs = {edge(), other.edge()}};
  spec.make = [] { return std::make_unique<S>(detail::Merge<K, V>{}, false); };
  builder_->check_own(other.builder());
  const KeyedBy keyed_by = keyed_by_ == other.keyed_by_ ? keyed_by_ : KeyedBy::nobody;
  return {builder_, builder_->add(std::move(spec)), 0, keyed_by};
}

template <class K, class V>
auto Stream<K, V>::with_key() const -> Stream<Present, V> {
  if constexpr (detail::OptionalOf<K>::value) {
    StageSpec spec{.kind = "with_key", .inputs = {edge()}};
    spec.make = [] { return std::make_unique<detail::WithKeyStage<Present, V>>(); };
    return {builder_, builder_->add(std::move(spec)), 0, keyed_by_};
  } else {
    return *this;
  }
}

namespace detail {

// Both ends of a repartition topic. `partition` -1: by the key.
template <class K, class V>
Stream<K, V> through_topic(const Stream<K, V>& stream, const std::string& name, int partitions,
                           int partition) {
  static_assert(HasStateSerde<K> && HasStateSerde<V>,
                "a repartition topic needs a weir::StateSerde (or weir::JsonOf) of key and value");
  StageSpec write{.kind = "repartition", .name = name + "-write", .role = Role::repartition_write};
  write.topic = name;
  write.partitions = partitions;
  write.inputs = {stream.edge()};
  write.make = [name, partition] {
    return std::make_unique<RepartitionWrite<K, V>>(name, partition);
  };
  stream.builder().add(std::move(write));
  StageSpec read{.kind = "source", .name = name + "-read", .role = Role::repartition_read};
  read.topic = name;
  read.partitions = partitions;
  read.make = [] { return std::make_unique<RepartitionRead<K, V>>(); };
  const KeyedBy keyed_by = kKeyAsProduced<K> ? KeyedBy::producers : KeyedBy::repartition;
  return {&stream.builder(), stream.builder().add(std::move(read)), 0, keyed_by};
}

// The stream with all records of a key in one task.
template <class K, class V>
auto by_key(const Stream<K, V>& stream, const std::string& name) {
  auto keyed = stream.with_key();
  return keyed.keyed_by() == KeyedBy::nobody ? through_topic(keyed, name, 0, -1) : keyed;
}

}  // namespace detail

template <class K, class V>
auto Stream<K, V>::repartition(std::string name, RepartitionOptions options) const
    -> Stream<Present, V> {
  if (options.partitions < 0) builder_->problem("'" + name + "': partitions cannot be negative");
  return detail::through_topic(with_key(), name, options.partitions, -1);
}

template <class K, class V>
void Stream<K, V>::to(const Topic<K, V>& topic) const {
  StageSpec spec{.kind = "sink", .role = Role::sink, .topic = topic.name, .inputs = {edge()}};
  spec.details = std::string(topic.key->name()) + ", " + std::string(topic.value->name());
  spec.make = [topic] { return std::make_unique<detail::TopicSink<K, V>>(topic); };
  builder_->add(std::move(spec));
}

template <class K, class V>
template <detail::MapperOf<K, V> F>
auto Stream<K, V>::group_by(F key) const {
  auto keyed = rekey(std::move(key)).with_key();
  return Grouped<typename decltype(keyed)::Key, V>(keyed);
}

template <class K, class V>
auto Stream<K, V>::group_by_key() const -> Grouped<Present, V> {
  static_assert(!std::same_as<Present, NoKey>,
                "these records have no key: rekey first, or gather them by group_all");
  return Grouped<Present, V>(with_key());
}

template <class K, class V>
Grouped<K, V, true> Stream<K, V>::group_all() const {
  return Grouped<K, V, true>(*this);
}

template <class K, class V>
template <ProcessorOf<Record<K, V>> P>
auto Stream<K, V>::process(std::string name, P processor, std::vector<StoreName> stores) const
    -> Stream<typename P::Out::Key, typename P::Out::Value> {
  using S = ProcessorStage<P, Record<K, V>>;
  StageSpec spec{.kind = "process", .name = std::move(name), .inputs = {edge()}};
  for (const StoreName& store : stores)
    spec.stores.push_back({store.name, "key_value", {}, store.types});
  // A processor may look at stream time even when it has no store.
  spec.make = [processor = std::move(processor)] { return std::make_unique<S>(processor, true); };
  return {builder_, builder_->add(std::move(spec)), 0, KeyedBy::nobody};
}

namespace detail {

template <class K, class V, class A, class F>
Stream<Windowed<K>, A> step_windows(const Stream<K, V>& stream, std::string name, Windows windows,
                                    A initial, F add, Emit emit,
                                    const std::optional<Topic<K, V>>& late) {
  using S = WindowStage<K, V, A, F>;
  StageSpec spec{.kind = "aggregate", .name = name, .details = in_words(windows, emit)};
  const Duration kept = windows.size + windows.grace;
  spec.stores = {{name, "window", kept, stored_types<K, A>()}};
  spec.inputs = {by_key(stream, name).edge()};
  spec.make = [=] { return std::make_unique<S>(name, windows, emit, initial, add); };
  Builder& builder = stream.builder();
  const int stage = builder.add(std::move(spec));
  if (late) Stream<K, V>(&builder, stage, 1, KeyedBy::nobody).to(*late);
  return {&builder, stage, 0, KeyedBy::nobody};
}

// Partials of each task, through a topic of one partition, to one task that merges them.
template <class K, class V, class A, class F>
Stream<Windowed<NoKey>, A> global_windows(const Stream<K, V>& stream, std::string name,
                                          Windows windows, A initial, F add, Emit emit,
                                          const std::optional<Topic<K, V>>& late) {
  static_assert(Mergeable<A>,
                "a global aggregate adds up in each task and merges what the tasks "
                "have: give the aggregate a member `void merge(const A&)`");
  Builder& builder = stream.builder();
  if (std::string wrong = wrong_initial(name, initial); !wrong.empty()) {
    builder.problem(std::move(wrong));
  }
  StageSpec partial{.kind = "partial", .name = name + "-partial", .inputs = {stream.edge()}};
  partial.details = in_words(windows, emit);
  partial.make = [=] { return std::make_unique<PartialStage<K, V, A, F>>(windows, initial, add); };
  const int first = builder.add(std::move(partial));
  if (late) Stream<K, V>(&builder, first, 1, KeyedBy::nobody).to(*late);
  const Stream<NoKey, Partial<A>> partials(&builder, first, 0, KeyedBy::nobody);
  StageSpec merge{.kind = "aggregate", .name = name, .details = in_words(windows, emit)};
  const Duration kept = windows.size + windows.grace;
  merge.stores = {{name, "window", kept, stored_types<A>()}};
  merge.inputs = {through_topic(partials, name, 1, 0).edge()};
  merge.make = [=] { return std::make_unique<MergeStage<A>>(name, windows, emit, initial); };
  return {&builder, builder.add(std::move(merge)), 0, KeyedBy::nobody};
}

}  // namespace detail

template <class K, class V, class W, bool Global>
auto WindowedBy<K, V, W, Global>::count(std::string name, Emit emit) const
    -> Stream<ResultKey, std::int64_t> {
  const auto add = [](detail::Counted& counted, const V&) { ++counted.records; };
  return aggregate(std::move(name), detail::Counted{}, add, emit)
      .map_values([](const detail::Counted& counted) { return counted.records; });
}

template <class K, class V, class W, bool Global>
template <std::invocable<V&, const V&> F>
auto WindowedBy<K, V, W, Global>::reduce(std::string name, F f, Emit emit) const
    -> Stream<ResultKey, V> {
  static_assert(detail::KeepsNothing<F>, "reduce() needs a function without captures: a lambda");
  using R = detail::Reduced<V, F>;
  return aggregate(std::move(name), R{std::move(f)}, &R::add, emit)
      .map_values([](const R& reduced) -> const V& { return *reduced.value; });
}

template <class K, class V, class W, bool Global>
template <class A, AdderOf<A, K, V> F>
auto WindowedBy<K, V, W, Global>::aggregate(std::string name, A initial, F add, Emit emit) const
    -> Stream<ResultKey, A> {
  static_assert(HasStateSerde<A>,
                "an aggregate lies in a store: give it members `write(std::string&"
                ") const` and `bool read(std::string_view&)`, or a JsonOf binding");
  if (std::string wrong = detail::wrong_with(name, windows_); !wrong.empty()) {
    stream_.builder().problem(std::move(wrong));
  }
  if constexpr (std::same_as<W, Windows> && Global) {
    return detail::global_windows(stream_, name, windows_, initial, add, emit, late_);
  } else if constexpr (Global) {
    return detail::other_windows(all(name), name, windows_, initial, add, emit,
                                 std::optional<Topic<NoKey, V>>{});
  } else if constexpr (std::same_as<W, Windows>) {
    return detail::step_windows(stream_, name, windows_, initial, add, emit, late_);
  } else {
    return detail::other_windows(stream_, name, windows_, initial, add, emit, late_);
  }
}

// Every record in one task.
template <class K, class V, class W, bool Global>
Stream<NoKey, V> WindowedBy<K, V, W, Global>::all(const std::string& name) const {
  if (late_) {
    stream_.builder().problem("'" + name +
                              "': late records of all keys together have lost their "
                              "keys and cannot go to '" +
                              late_->name + "': leave late_to() out");
  }
  return detail::through_topic(stream_.rekey([](const V&) { return NoKey{}; }), name, 1, 0);
}

template <class K, class V, bool Global>
auto SessionUpdates<K, V, Global>::count(std::string name) const
    -> Stream<ResultKey, std::optional<std::int64_t>> {
  using Counted = detail::Counted;
  const auto add = [](Counted& counted, const V&) { ++counted.records; };
  return aggregate(std::move(name), Counted{}, add)
      .map_values([](const std::optional<Counted>& counted) -> std::optional<std::int64_t> {
        if (!counted) return std::nullopt;
        return counted->records;
      });
}

template <class K, class V, bool Global>
template <std::invocable<V&, const V&> F>
auto SessionUpdates<K, V, Global>::reduce(std::string name, F f) const
    -> Stream<ResultKey, std::optional<V>> {
  static_assert(detail::KeepsNothing<F>, "reduce() needs a function without captures: a lambda");
  using R = detail::Reduced<V, F>;
  return aggregate(std::move(name), R{std::move(f)}, &R::add)
      .map_values([](const std::optional<R>& reduced) -> std::optional<V> {
        if (!reduced) return std::nullopt;
        return reduced->value;
      });
}

template <class K, class V, bool Global>
template <class A, AdderOf<A, K, V> F>
auto SessionUpdates<K, V, Global>::aggregate(std::string name, A initial, F add) const
    -> Stream<ResultKey, std::optional<A>> {
  using R = std::optional<A>;
  const Session windows = windowed_.windows_;
  if (std::string wrong = detail::wrong_with(name, windows); !wrong.empty()) {
    windowed_.stream_.builder().problem(std::move(wrong));
  }
  if constexpr (Global) {
    return detail::session_windows<R>(windowed_.all(name), name, windows, initial, add,
                                      std::optional<Topic<NoKey, V>>{});
  } else {
    return detail::session_windows<R>(windowed_.stream_, name, windows, initial, add,
                                      windowed_.late_);
  }
}

}  // namespace weir
