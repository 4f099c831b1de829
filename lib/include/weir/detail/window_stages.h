// Aggregates over windows that start on multiples of a step: keyed in one stage, global in two.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <weir/detail/window_state.h>
#include <weir/stage.h>

namespace weir::detail {

inline constexpr std::size_t kCacheBytesMax = 64 * 1024 * 1024;  // Of one stage, between commits.

// How a record is added to an aggregate: in place.
template <class A, class Add, class K, class V>
void add_to(A& aggregate, const Add& add, const Record<K, V>& record) {
  if constexpr (std::invocable<const Add&, A&, const V&>) {
    std::invoke(add, aggregate, record.value);
  } else if constexpr (std::invocable<const Add&, A&, const K&, const V&>) {
    std::invoke(add, aggregate, record.key, record.value);
  } else {
    std::invoke(add, aggregate, record);
  }
}

template <class K, class V, class A, class Add>
class WindowStage final : public Stage, public Receiver<Record<K, V>> {
  using Out = Record<Windowed<K>, A>;

 public:
  WindowStage(std::string store, const Windows& windows, Emit emit, A initial, Add add)
      : store_(std::move(store)),
        emit_(emit),
        wait_(windows.size + windows.grace),
        add_(std::move(add)),
        state_(windows, emit == Emit::on_close && shares_panes(initial), initial) {}

  void receive(const Record<K, V>& record) override {
    task_->time_first();
    const bool added = state_.add(record.key, record.timestamp, record.observed,
                                  [&](A& value, const Window& window, Timestamp newest) {
                                    add_to(value, add_, record);
                                    if (emit_ == Emit::on_update)
                                      update(record, value, window, newest);
                                  });
    if (added) return;
    task_->discard(*late_, "every window of the record is closed");
    late_out_.forward(record);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 ? output_.connect(child, port)
                       : output == 1 && late_out_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    late_ = &task.discards("late");
    state_.open(task.store(store_));
  }
  void on_time(Timestamp time) override {
    const Timestamp before = earlier(state_.now(), wait_);
    state_.advance(time, [&](const Windowed<K>& key, const A& value, Timestamp newest) {
      if (emit_ == Emit::on_close) output_.forward({key, value, newest, before});
    });
  }
  void before_commit() override {
    state_.write_back();
    state_.shrink(kCacheBytesMax);
  }
  void forget() override { state_.forget(); }
  Duration lag() const override { return emit_ == Emit::on_close ? wait_ : Duration{0}; }
  std::uint64_t open_windows() const override { return state_.open_windows(); }

 private:
  static bool shares_panes(const A& initial) {
    if constexpr (SharesPanes<A>) return is_neutral(initial);
    return false;
  }
  void update(const Record<K, V>& record, const A& value, const Window& window, Timestamp newest) {
    windowed_.key = record.key;
    windowed_.window = window;
    output_.forward({windowed_, value, newest, record.observed, record.headers});
  }

  const std::string store_;
  const Emit emit_;
  const Duration wait_;  // How far behind stage time a result may be: as old as a window's start.
  const Add add_;
  WindowState<K, A> state_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  Windowed<K> windowed_;
  Output<Out> output_;
  Output<Record<K, V>> late_out_;
};

// What one task saw of one pane since its last commit. An aggregate that can says of its sets only
// the members it has not told before.
template <class A>
struct Partial {
  Timestamp pane = 0;
  std::int64_t missed = 0;  // Windows of the pane that these records were late for.
  std::int64_t records = 0;
  Timestamp newest = kNoTime;
  A value{};
  std::size_t bytes_told = 0;  // Of the value's memory; not written.

  void write(std::string& out) const {
    append_zigzag(out, pane);
    append_varint(out, static_cast<std::uint64_t>(missed));
    append_varint(out, static_cast<std::uint64_t>(records));
    append_zigzag(out, newest);
    if constexpr (requires { value.write_partial(out); }) {
      value.write_partial(out);
    } else {
      StateSerde<A>::write(value, out);
    }
  }
  bool read(std::string_view& in) {
    std::uint64_t missed_in = 0, records_in = 0;
    if (!read_zigzag(in, pane) || !read_varint(in, missed_in) || !read_varint(in, records_in)) {
      return false;
    }
    missed = static_cast<std::int64_t>(missed_in);
    records = static_cast<std::int64_t>(records_in);
    return missed >= 0 && missed <= 0xffff && records >= 0 && read_zigzag(in, newest) &&
           StateSerde<A>::read(in, value);
  }
};

// First half of a global aggregate: adds up what the task sees and sends one partial per pane and
// commit, whatever the number of records.
//
// What a pane's sets have told is remembered while the pane is open, and only in memory: after a
// crash or an abort they tell all they get again, which the other side has or merges.
template <class K, class V, class A, class Add>
class PartialStage final : public Stage, public Receiver<Record<K, V>> {
  using Out = Record<NoKey, Partial<A>>;

 public:
  PartialStage(const Windows& windows, A initial, Add add)
      : steps_(windows), initial_(std::move(initial)), add_(std::move(add)) {}

  void receive(const Record<K, V>& record) override {
    const Timestamp first = steps_.first_with(record.timestamp);
    const Timestamp from = std::max(first, steps_.first_open(record.observed));
    if (from > steps_.last_with(record.timestamp)) {
      task_->discard(*late_, "every window of the record is closed");
      late_out_.forward(record);
      return;
    }
    const Timestamp pane = steps_.pane_with(record.timestamp);
    Partial<A>& partial = partial_of(pane, (from - first) / steps_.every_ms());
    add_to(partial.value, add_, record);
    if (++partial.records % kLookEvery == 0) look_at_size();
    partial.newest = std::max(partial.newest, record.timestamp);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 ? output_.connect(child, port)
                       : output == 1 && late_out_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    late_ = &task.discards("late");
  }
  void on_time(Timestamp time) override { now_ = time; }
  void before_commit() override {
    for (std::size_t at = 0; at < used_; ++at) {
      if (partials_[at].records == 0) continue;
      output_.forward({NoKey{}, partials_[at], partials_[at].newest, kNoTime});
      begin_next(partials_[at]);
    }
    drop_closed();
  }
  void forget() override {
    used_ = last_ = 0;
    if (partials_.size() > kPartialsKept) partials_.resize(kPartialsKept);
  }

 private:
  Partial<A>& partial_of(Timestamp pane, std::int64_t missed) {
    const auto is = [&](const Partial<A>& p) { return p.pane == pane && p.missed == missed; };
    if (last_ < used_ && is(partials_[last_])) return partials_[last_];
    for (last_ = used_; last_-- > 0;) {
      if (is(partials_[last_])) return partials_[last_];
    }
    last_ = used_++;
    if (used_ > partials_.size()) partials_.emplace_back();
    Partial<A>& fresh = partials_[last_];
    fresh.pane = pane;
    fresh.missed = missed;
    fresh.records = 0;
    fresh.newest = kNoTime;
    fresh.value = initial_;  // Into the memory of an earlier partial.
    fresh.bytes_told = 0;
    if (used_ > kPartialsMax) task_->commit_soon();
    return fresh;
  }
  void begin_next(Partial<A>& partial) {
    partial.records = 0;
    partial.newest = kNoTime;
    if constexpr (requires { partial.value.next_partial(); }) {
      partial.value.next_partial();
    } else {
      partial.value = initial_;
    }
    partial.bytes_told = memory_of(partial.value);
  }
  // What is told can be forgotten, so a commit makes room.
  void look_at_size() {
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < used_; ++at) {
      const std::size_t now = memory_of(partials_[at].value);
      bytes += now - std::min(now, partials_[at].bytes_told);
    }
    if (bytes > kPartialBytesMax) task_->commit_soon();
  }
  // Panes that no record can reach any more, and all of them when they hold too much.
  void drop_closed() {
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < used_;) {
      if (steps_.is_closed(steps_.last_with(partials_[at].pane), now_)) {
        std::swap(partials_[at], partials_[--used_]);
      } else {
        bytes += memory_of(partials_[at++].value);
      }
    }
    last_ = 0;
    if (used_ > kPartialsMax / 2 || bytes > kCacheBytesMax) forget();
    if (partials_.size() > used_ + kPartialsKept) partials_.resize(used_ + kPartialsKept);
  }

  static constexpr std::int64_t kLookEvery = 128;
  static constexpr std::size_t kPartialBytesMax = 8 * 1024 * 1024;  // They are sent as one record.
  static constexpr std::size_t kPartialsMax = 1000;
  static constexpr std::size_t kPartialsKept = 16;  // For their memory.
  const StepWindows steps_;
  const A initial_;
  const Add add_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  std::vector<Partial<A>> partials_;
  std::size_t used_ = 0;
  std::size_t last_ = 0;  // Where the last record went: most go to the same place.
  Timestamp now_ = kNoTime;
  Output<Out> output_;
  Output<Record<K, V>> late_out_;
};

// Second half: merges the partials of all tasks and closes a window when every task's time has
// passed it.
template <class A>
class MergeStage final : public Stage, public Receiver<Record<NoKey, Partial<A>>> {
  using In = Record<NoKey, Partial<A>>;
  using Out = Record<Windowed<NoKey>, A>;

 public:
  MergeStage(std::string store, const Windows& windows, Emit emit, A initial)
      : store_(std::move(store)),
        emit_(emit),
        wait_(windows.size + windows.grace),
        state_(windows, emit == Emit::on_close, std::move(initial)) {}

  void receive(const In& record) override {
    const Partial<A>& partial = record.value;
    const bool added = state_.add(
        NoKey{}, partial.pane, kNoTime,
        [&](A& value, const Window& window, Timestamp& newest) {
          value.merge(partial.value);
          newest = std::max(newest, partial.newest);
          if (emit_ == Emit::on_update) {
            output_.forward({Windowed<NoKey>{{}, window}, value, newest, kNoTime});
          }
        },
        partial.missed);
    // Their window was closed while their partition was silent. The records themselves are not
    // here any more, so they are counted but cannot become dead letters.
    if (!added) late_->records += static_cast<std::uint64_t>(partial.records);
  }
  void* input(int port, std::type_index record) override {
    return port == 0 && record == typeid(In) ? static_cast<Receiver<In>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    late_ = &task.discards("late");
    state_.open(task.store(store_));
  }
  void on_time(Timestamp time) override {
    const Timestamp before = earlier(state_.now(), wait_);
    state_.advance(time, [&](const Windowed<NoKey>& key, const A& value, Timestamp newest) {
      if (emit_ == Emit::on_close) output_.forward({key, value, newest, before});
    });
  }
  void before_commit() override {
    state_.write_back();
    state_.shrink(kCacheBytesMax);
  }
  void forget() override { state_.forget(); }
  Duration lag() const override { return emit_ == Emit::on_close ? wait_ : Duration{0}; }
  std::uint64_t open_windows() const override { return state_.open_windows(); }

 private:
  const std::string store_;
  const Emit emit_;
  const Duration wait_;  // How far behind stage time a result may be: as old as a window's start.
  WindowState<NoKey, A> state_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  Output<Out> output_;
};

}  // namespace weir::detail
