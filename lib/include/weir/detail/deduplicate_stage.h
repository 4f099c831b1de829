// The stage of deduplicate: the first record of each id goes on.
#pragma once

#include <string>
#include <utility>

#include <weir/detail/call.h>
#include <weir/detail/deduplicate_state.h>
#include <weir/serde.h>
#include <weir/stage.h>
#include <weir/topic.h>

namespace weir::detail {

template <class K, class V, class Id>
class DeduplicateStage final : public Stage, public Receiver<Record<K, V>> {
 public:
  DeduplicateStage(std::string store, Duration within, Id id)
      : store_(std::move(store)), id_of_(std::move(id)), state_(within) {}

  void receive(const Record<K, V>& record) override {
    task_->time_first();
    const auto& id = call(id_of_, record);
    if constexpr (OptionalOf<std::remove_cvref_t<decltype(id)>>::value) {
      if (!id) return output_.forward(record);
    }
    id_.clear();
    KeySerde<std::remove_cvref_t<decltype(id)>>::write(id, id_);
    if (!state_.is_repeat(id_, record.timestamp)) return output_.forward(record);
    task_->discard(*repeated_, "a record with this id was seen before");
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }
  void init(TaskContext& task) override {
    task_ = &task;
    repeated_ = &task.discards("duplicate");
    state_.open(task.store(store_));
  }
  void on_time(Timestamp time) override { state_.advance(time); }
  void before_commit() override { state_.write_back(); }
  void forget() override { state_.forget(); }

 private:
  const std::string store_;
  const Id id_of_;
  DeduplicateState state_;
  TaskContext* task_ = nullptr;
  DiscardCounter* repeated_ = nullptr;
  Output<Record<K, V>> output_;
  std::string id_;
};

}  // namespace weir::detail
