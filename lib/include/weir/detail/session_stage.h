// Aggregates over sessions: one result when a session closes, or one for each change of it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <weir/detail/session_state.h>
#include <weir/detail/window_stages.h>
#include <weir/stage.h>

namespace weir::detail {

// R is A: a result when a session closes. R is std::optional<A>: each change, and nothing for a
// session that has become part of another.
template <class K, class V, class A, class Add, class R>
class SessionStage final : public Stage, public Receiver<Record<K, V>> {
  static constexpr bool kUpdates = !std::same_as<A, R>;
  using Out = Record<Windowed<K>, R>;

 public:
  SessionStage(std::string store, const Session& windows, A initial, Add add)
      : store_(std::move(store)), add_(std::move(add)), state_(windows, std::move(initial)) {}

  void receive(const Record<K, V>& record) override {
    task_->time_first();
    windowed_.key = record.key;
    const auto* session = state_.add(
        record.key, record.timestamp, record.observed,
        [&](const Window& window) { gone(record, window); },
        [&](A& value) { add_to(value, add_, record); });
    if (session == nullptr) {
      task_->discard(*late_, "the session of the record is closed");
      late_out_.forward(record);
    } else if constexpr (kUpdates) {
      windowed_.window = session->window;
      update_ = session->value;
      output_.forward({windowed_, update_, session->window.end, record.observed, record.headers});
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
    state_.advance(time, [&](const Windowed<K>& key, const A& value) {
      if constexpr (!kUpdates) output_.forward({key, value, key.window.end, before});
    });
  }
  void before_commit() override {
    state_.write_back();
    state_.shrink(kCacheBytesMax);
  }
  void forget() override { state_.forget(); }
  Duration lag() const override { return Duration{kUpdates ? 0 : state_.wait_ms()}; }
  std::uint64_t open_windows() const override { return state_.open_windows(); }

 private:
  void gone(const Record<K, V>& record, const Window& window) {
    if constexpr (kUpdates) {
      windowed_.window = window;
      output_.forward({windowed_, std::nullopt, window.end, record.observed, record.headers});
    }
  }

  const std::string store_;
  const Add add_;
  SessionState<K, A> state_;
  TaskContext* task_ = nullptr;
  DiscardCounter* late_ = nullptr;
  Windowed<K> windowed_;  // Scratch.
  std::optional<A> update_;
  Output<Out> output_;
  Output<Record<K, V>> late_out_;
};

}  // namespace weir::detail
