// The state of windows that start on multiples of a step: entries by pane and key, and the closing
// of windows in the order of their ends.
//
// Windows that overlap share panes when their aggregate can be merged: each record is added to one
// pane, and a window merges its panes when it closes. A record that is late for the first `missed`
// of the windows that share its pane is kept apart from those that are in time for all.
//
// Rows: detail/layout.h.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weir/detail/layout.h>
#include <weir/detail/stage_time.h>
#include <weir/detail/timed_table.h>
#include <weir/serde.h>
#include <weir/windows.h>

namespace weir::detail {

template <class A>
concept Mergeable = requires(A& a, const A& other) {
  a.merge(other);
};

// Windows that overlap may share its parts: merging does not ask in which order records came.
template <class A>
concept SharesPanes = Mergeable<A> && !requires {
  A::kInOrder;
};

// Whether merging `initial` in changes nothing, so that it does not matter how often that is done.
template <Mergeable A>
bool is_neutral(const A& initial) {
  A twice = initial;
  twice.merge(initial);
  std::string one, two;
  StateSerde<A>::write(initial, one);
  StateSerde<A>::write(twice, two);
  return one == two;
}

// What is wrong with the initial value of an aggregate whose parts are merged, or nothing.
template <class A>
std::string wrong_initial(const std::string& name, const A& initial) {
  if constexpr (Mergeable<A>) {
    if (!is_neutral(initial)) {
      return "'" + name + "': merging the initial value in changes the result, and it may be " +
             "merged in several times: start from nothing, and add to the result";
    }
  }
  return {};
}

// Memory that a value holds outside of itself, as far as it says so.
template <class T>
std::size_t memory_of(const T& value) {
  if constexpr (requires { value.memory(); }) {
    return value.memory();
  } else if constexpr (requires { value.capacity(); }) {
    return value.capacity();
  } else {
    return 0;
  }
}

// An aggregate with sets: what is new in them can be written without the rest.
template <class A>
concept SetAggregate = requires(A& value, const A& same, std::string& out, std::string_view& in) {
  { same.has_sets() } -> std::same_as<bool>;
  same.write_partial(out);
  { value.read_news(in) } -> std::same_as<bool>;
  value.told();
};

template <class A>
struct WindowEntry {
  A value{};
  Timestamp newest = kNoTime;  // The largest event time in it; kNoTime: nothing was added yet.

  void write(std::string& out) const {
    append_zigzag(out, newest);
    StateSerde<A>::write(value, out);
  }
  bool read(std::string_view& in) {
    return read_zigzag(in, newest) && StateSerde<A>::read(in, value);
  }
  std::size_t memory() const { return memory_of(value); }
  void clear() { newest = kNoTime; }  // The value stays, for its memory: touch() sets it anew.

  bool has_news_rows() const requires SetAggregate<A> { return value.has_sets(); }
  void write_news(std::string& out) const requires SetAggregate<A> {
    append_zigzag(out, newest);
    value.write_partial(out);
  }
  bool read_news(std::string_view& in) requires SetAggregate<A> {
    return read_zigzag(in, newest) && value.read_news(in);
  }
  void told() requires SetAggregate<A> { value.told(); }
};

template <class K, class A>
class WindowState {
 public:
  // `panes`: overlapping windows share them. REQUIRES: A is Mergeable then.
  WindowState(const Windows& windows, bool panes, A initial)
      : steps_(windows),
        panes_(panes && steps_.pane_ms() < steps_.size_ms()),
        initial_(std::move(initial)),
        table_(Duration{panes_ ? steps_.pane_ms() : steps_.every_ms()}) {}

  void open(BytesStore& store) {
    time_.open(store);
    table_.open(store);
    resume();
  }
  const StepWindows& steps() const { return steps_; }
  Timestamp now() const { return time_.now(); }

  // Calls `add(value, window)` for each entry that a record of `key` at `time` belongs to. False:
  // all its windows are closed for it. `observed` as in Record. `missed_least`: windows of the
  // record's pane that were lost before it came here.
  template <class F>
  bool add(const K& key, Timestamp time, Timestamp observed, F add, std::int64_t missed_least = 0) {
    const Timestamp first = steps_.first_with(time);
    const Timestamp last = steps_.last_with(time);
    const Timestamp open = steps_.first_open(std::max(observed, time_.now()));
    const Timestamp from = std::max(first + missed_least * steps_.every_ms(), open);
    if (from > last) return false;
    key_.clear();
    KeySerde<K>::write(key, key_);
    if (panes_) {
      put_missed((from - first) / steps_.every_ms());
      touch(steps_.pane_with(time), time, {from, from + steps_.size_ms()}, add);
    } else {
      put_missed(0);
      for (Timestamp start = from; start <= last; start += steps_.every_ms()) {
        touch(start, time, {start, start + steps_.size_ms()}, add);
      }
    }
    next_close_ = std::min(next_close_, closing_time(from));
    return true;
  }

  // Time has advanced: calls `emit(key, window, value, newest)` for each closed window and key.
  template <class F>
  void advance(Timestamp now, F emit) {
    if (!time_.advance(now) || now < next_close_) return;
    while (!table_.empty()) {
      const Timestamp bucket = table_.first_bucket();
      const Timestamp start = panes_ ? std::max(steps_.first_with(bucket), next_start_) : bucket;
      if (panes_ && start > bucket) {
        table_.drop(bucket);
        continue;
      }
      if (!steps_.is_closed(start, now)) {
        next_close_ = closing_time(start);
        return;
      }
      emit_window(start, emit);
      if (panes_) {
        next_start_ = start + steps_.every_ms();
      } else {
        table_.drop(bucket);
      }
    }
    next_close_ = kEndOfTime;
  }

  void write_back() {
    time_.write_back();
    table_.write_back();
  }
  void forget() {
    time_.forget();
    table_.forget();
    resume();
  }
  void shrink(std::size_t bytes_max) { table_.shrink(bytes_max); }

  // Windows that are not closed and in whose span a bucket has entries.
  std::uint64_t open_windows() const {
    std::uint64_t count = 0;
    Timestamp next = panes_ ? next_start_ : kNoTime;  // The first that is not counted yet.
    for (Timestamp at = table_.first_bucket(); at != kEndOfTime; at = table_.next_bucket(at + 1)) {
      const Timestamp first = panes_ ? std::max(steps_.first_with(at), next) : at;
      const Timestamp last = panes_ ? steps_.last_with(at) : at;
      if (first > last) continue;
      count += static_cast<std::uint64_t>((last - first) / steps_.every_ms()) + 1;
      next = last + steps_.every_ms();
    }
    return count;
  }

 private:
  using Entry = WindowEntry<A>;
  struct Found {
    std::string_view key;
    std::size_t place;  // Panes merge in their order.
    const Entry* entry;
  };
  static constexpr std::size_t kMissedBytes = 2;

  void resume() {
    next_start_ = steps_.first_open(time_.now());
    next_close_ = table_.empty() ? kEndOfTime : kNoTime;  // Looked up at the next advance.
  }
  Timestamp closing_time(Timestamp start) const {
    return later(start, steps_.size_ms() + steps_.grace_ms());
  }
  void put_missed(std::int64_t missed) {
    key_.push_back(static_cast<char>(missed >> 8));
    key_.push_back(static_cast<char>(missed));
  }
  static std::int64_t missed_in(std::string_view row) {
    const auto high = static_cast<unsigned char>(row[row.size() - 2]);
    return high << 8 | static_cast<unsigned char>(row[row.size() - 1]);
  }
  template <class F>
  void touch(Timestamp bucket, Timestamp time, Window window, F& add) {
    Entry& entry = table_.at(bucket, key_);
    if (entry.newest == kNoTime) entry.value = initial_;
    entry.newest = std::max(entry.newest, time);
    add(entry.value, window, entry.newest);
  }

  template <class F>
  void emit_window(Timestamp start, F& emit) {
    const Window window{start, start + steps_.size_ms()};
    if (!panes_) {
      table_.each(start, [&](std::string_view row, const Entry& entry) {
        emit_entry(row.substr(0, row.size() - kMissedBytes), window, entry.value, entry.newest,
                   emit);
      });
      return;
    }
    if constexpr (Mergeable<A>) {
      collect(window);
      for (std::size_t at = 0; at < found_.size();) at = emit_merged(at, window, emit);
    }
  }
  // The entries of all panes of a window, by key.
  void collect(const Window& window) {
    found_.clear();
    for (Timestamp pane = table_.next_bucket(window.start); pane < window.end;
         pane = table_.next_bucket(pane + 1)) {
      const Timestamp first = steps_.first_with(pane);
      table_.each(pane, [&](std::string_view row, const Entry& entry) {
        if (window.start < first + missed_in(row) * steps_.every_ms()) return;
        found_.push_back({row.substr(0, row.size() - kMissedBytes), found_.size(), &entry});
      });
    }
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return a.key != b.key ? a.key < b.key : a.place < b.place;
    });
  }
  template <class F>
  std::size_t emit_merged(std::size_t at, const Window& window, F& emit) {
    const std::string_view key = found_[at].key;
    merged_ = found_[at].entry->value;
    Timestamp newest = found_[at].entry->newest;
    for (++at; at < found_.size() && found_[at].key == key; ++at) {
      merged_.merge(found_[at].entry->value);
      newest = std::max(newest, found_[at].entry->newest);
    }
    emit_entry(key, window, merged_, newest, emit);
    return at;
  }
  template <class F>
  void emit_entry(std::string_view key, const Window& window, const A& value, Timestamp newest,
                  F& emit) {
    check_stored(KeySerde<K>::read(key, windowed_.key), "the key of a window");
    windowed_.window = window;
    emit(windowed_, value, newest);
  }

  const StepWindows steps_;
  const bool panes_;
  const A initial_;
  TimedTable<Entry> table_;
  StageTime time_;
  Timestamp next_start_ = kNoTime;  // With panes: the first window that was not emitted.
  Timestamp next_close_ = kEndOfTime;
  Windowed<K> windowed_;  // Scratch.
  A merged_{};
  std::vector<Found> found_;
  std::string key_;
};

}  // namespace weir::detail
