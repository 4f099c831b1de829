// Aggregates over per-event windows. The records of a window are added up when its result is
// wanted, in the order of their arrival, so any aggregate will do.
#pragma once

#include <string>
#include <utility>

#include <weir/detail/layout.h>
#include <weir/detail/per_event_state.h>
#include <weir/detail/window_stages.h>
#include <weir/serde.h>
#include <weir/stage.h>

namespace weir::detail {

template <class K, class V, class A, class Add>
class PerEventStage final : public Stage, public Receiver<Record<K, V>> {
  using Out = Record<Windowed<K>, A>;

 public:
  PerEventStage(std::string store, const PerEvent& windows, Emit emit, A initial, Add add)
      : store_(std::move(store)),
        emit_(emit),
        initial_(std::move(initial)),
        add_(std::move(add)),
        state_(windows) {}

  void receive(const Record<K, V>& record) override {
    task_->time_first();
    key_.clear();
    bytes_.clear();
    KeySerde<K>::write(record.key, key_);
    StateSerde<V>::write(record.value, bytes_);
    if (!state_.add(key_, bytes_, record.timestamp, record.observed)) {
      task_->discard(*late_, "every window of the record is closed");
      late_out_.forward(record);
    } else if (emit_ == Emit::on_update) {
      windowed_.key = record.key;
      for (const Window& window : state_.changed(key_, record.timestamp, record.observed)) {
        const Timestamp newest = fold(key_, window);
        if (newest == kNoTime) continue;
        output_.forward({windowed_, result_, newest, record.observed, record.headers});
      }
    }
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
    const Timestamp before = later(state_.now(), -state_.wait_ms());
    state_.advance(time, [&](Bytes key, const Window& window) {
      if (emit_ != Emit::on_close) return;
      check_stored(KeySerde<K>::read(key, windowed_.key), "the key of a window");
      const Timestamp newest = fold(key, window);
      if (newest != kNoTime) output_.forward({windowed_, result_, newest, before});
    });
  }
  void before_commit() override {
    state_.write_back();
    state_.shrink(kCacheBytesMax);
  }
  void forget() override { state_.forget(); }
  Duration lag() const override { return Duration{emit_ == Emit::on_close ? state_.wait_ms() : 0}; }
  std::uint64_t open_windows() const override { return state_.open_windows(); }

 private:
  // Adds up a window of windowed_.key in result_. Returns its largest event time; kNoTime: there
  // is no such window.
  Timestamp fold(Bytes key, const Window& window) {
    Timestamp newest = kNoTime;
    windowed_.window = window;
    result_ = initial_;
    for (const PerEventState::Row& row : state_.rows(key, window)) {
      Bytes value = row.value;
      check_stored(StateSerde<V>::read(value, value_), "a record of a window");
      add_to(result_, add_, Record<K, V>{windowed_.key, value_, row.time});
      newest = std::max(newest, row.time);
    }
    return newest;
  }

  const std::string store_;
  const Emit emit_;
  const A initial_;
  const Add add_;
  PerEventState state_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  std::string key_;  // Scratch.
  std::string bytes_;
  V value_{};
  A result_{};
  Windowed<K> windowed_;
  Output<Out> output_;
  Output<Record<K, V>> late_out_;
};

}  // namespace weir::detail
