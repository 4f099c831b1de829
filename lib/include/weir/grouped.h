// Aggregation: group_by ... windowed ... count, reduce, aggregate.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <weir/detail/window_stages.h>
#include <weir/stream.h>

namespace weir {

// An aggregate that adds a value itself: every accumulator of aggregate.h.
template <class A, class K, class V>
concept AddsItself = requires(A& a, const V& value, Timestamp at) {
  a.add(value, at);
};

// What adds a record to an aggregate in place: `void(A&, const V&)`, also with the key before the
// value, or with the whole record.
template <class F, class A, class K, class V>
concept AdderOf = std::invocable<const F&, A&, const V&> ||
                  std::invocable<const F&, A&, const K&, const V&> || std::invocable < const F&,
        A&, const Record<K, V>
& > ;

namespace detail {

// A function that can be made from nothing, as a value read back from a store needs it.
template <class F>
concept KeepsNothing = std::is_empty_v<F> && std::default_initializable<F>;

struct AddItself {
  template <class A, class K, class V>
  void operator()(A& a, const Record<K, V>& record) const {
    a.add(record.value, record.timestamp);
  }
};

struct Counted {
  std::int64_t records = 0;
  void merge(const Counted& other) { records += other.records; }
  void write(std::string& out) const { append_zigzag(out, records); }
  bool read(std::string_view& in) { return read_zigzag(in, records); }
};

// The fold of a reduce: nothing until the first value.
template <class V, class F>
struct Reduced {
  static constexpr bool kInOrder = true;  // A fold may care who came first.
  using Stored = std::optional<V>;

  F fold;
  std::optional<V> value{};

  void add(const V& next) {
    if (value) {
      std::invoke(fold, *value, next);
    } else {
      value = next;
    }
  }
  void merge(const Reduced& other) {
    if (other.value) add(*other.value);
  }
  void write(std::string& out) const { StateSerde<std::optional<V>>::write(value, out); }
  bool read(std::string_view& in) { return StateSerde<std::optional<V>>::read(in, value); }
};

}  // namespace detail

template <class K, class V, bool Global>
class SessionUpdates;

// A stream whose records are gathered in windows. W is Windows, PerEvent or Session; `Global`: all
// keys together.
template <class K, class V, class W, bool Global>
class WindowedBy {
 public:
  using ResultKey = Windowed<std::conditional_t<Global, NoKey, K>>;

  // A topic for late records, as they came in. They are counted, and become dead letters where the
  // job keeps those, all the same.
  WindowedBy late_to(const Topic<K, V>& topic) const {
    WindowedBy copy = *this;
    copy.late_ = topic;
    return copy;
  }

  // The number of records.
  Stream<ResultKey, std::int64_t> count(std::string name, Emit emit = Emit::on_close) const;

  // Folds the values with `f(V&, const V&)`, which captures nothing; the first value starts. Of a
  // global aggregate or a session it is also how partial results are merged.
  template <std::invocable<V&, const V&> F>
  Stream<ResultKey, V> reduce(std::string name, F f, Emit emit = Emit::on_close) const;

  // Adds each record to a copy of `initial`, in place. An aggregate with `merge(const A&)` shares
  // the work between overlapping windows; global aggregates and sessions need it, and an `initial`
  // that changes nothing when it is merged in.
  //
  //   .aggregate("minute-stats", Stats{}, &Stats::add)      // void Stats::add(const Order&)
  template <class A, AdderOf<A, K, V> F>
  Stream<ResultKey, A> aggregate(std::string name, A initial, F add,
                                 Emit emit = Emit::on_close) const;

  // The same for an aggregate that adds a value itself, as those of aggregate.h do.
  template <AddsItself<K, V> A>
  Stream<ResultKey, A> aggregate(std::string name, A initial, Emit emit = Emit::on_close) const {
    return aggregate(std::move(name), std::move(initial), detail::AddItself{}, emit);
  }

  // Sessions as they change, instead of once at their end.
  SessionUpdates<K, V, Global> updates() const requires std::same_as<W, Session> {
    return SessionUpdates<K, V, Global>(*this);
  }

 private:
  template <class, class, bool>
  friend class Grouped;
  template <class, class, bool>
  friend class SessionUpdates;
  WindowedBy(Stream<K, V> stream, W windows) : stream_(std::move(stream)), windows_(windows) {}
  Stream<NoKey, V> all(const std::string& name) const;

  Stream<K, V> stream_;
  W windows_;
  std::optional<Topic<K, V>> late_;
};

// Sessions as they change. A record may join two sessions into one, so results are taken back, too:
// nothing comes out for a window that has become part of another, just before that other. In a
// topic it is a null value, which compaction and readers take as "gone".
//
//   stream.group_by_key().windowed(Session{.gap = 5min}).updates().count("visits")
template <class K, class V, bool Global>
class SessionUpdates {
 public:
  using ResultKey = typename WindowedBy<K, V, Session, Global>::ResultKey;

  Stream<ResultKey, std::optional<std::int64_t>> count(std::string name) const;
  template <std::invocable<V&, const V&> F>
  Stream<ResultKey, std::optional<V>> reduce(std::string name, F f) const;
  template <class A, AdderOf<A, K, V> F>
  Stream<ResultKey, std::optional<A>> aggregate(std::string name, A initial, F add) const;
  template <AddsItself<K, V> A>
  Stream<ResultKey, std::optional<A>> aggregate(std::string name, A initial) const {
    return aggregate(std::move(name), std::move(initial), detail::AddItself{});
  }

 private:
  friend class WindowedBy<K, V, Session, Global>;
  explicit SessionUpdates(WindowedBy<K, V, Session, Global> windowed)
      : windowed_(std::move(windowed)) {}

  WindowedBy<K, V, Session, Global> windowed_;
};

// A stream that is about to be aggregated by its key, or (`Global`) as a whole.
template <class K, class V, bool Global>
class Grouped {
 public:
  // `{.size = 1min, .grace = 30s}`: windows on a step. The others are named:
  // `PerEvent{.size = 10s}`, `Session{.gap = 30min}`.
  WindowedBy<K, V, Windows, Global> windowed(Windows windows) const { return {stream_, windows}; }
  template <class W>
  requires(std::same_as<W, PerEvent> ||
           std::same_as<W, Session>) WindowedBy<K, V, W, Global> windowed(W windows)
  const { return {stream_, windows}; }

  // For operators: what is grouped.
  explicit Grouped(Stream<K, V> stream) : stream_(std::move(stream)) {}

 private:
  Stream<K, V> stream_;
};

}  // namespace weir

#include <weir/detail/stream_definitions.h>
