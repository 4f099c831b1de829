// Stages that keep nothing between records. A result lives on the stage's own stack frame while it
// is forwarded, so a stage may be entered again before it returns.
#pragma once

#include <array>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <weir/detail/call.h>
#include <weir/processor.h>

namespace weir::detail {

template <class K, class V, class F>
struct Filter {
  using Out = Record<K, V>;
  F keep;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    if (call(keep, record)) ctx.forward(record);
  }
};

template <class K, class V, class F>
struct MapValues {
  using Out = Record<K, ResultOf<F, K, V>>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    const auto& value = call(f, record);  // Lives until the end of this function.
    ctx.forward(record.with_value(value));
  }
};

// A function from a record to a pair of key and value.
template <class K, class V, class F>
struct Map {
  using Pair = ResultOf<F, K, V>;
  using Out = Record<typename Pair::first_type, typename Pair::second_type>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    const auto& pair = call(f, record);
    ctx.forward({pair.first, pair.second, record.timestamp, record.observed, record.headers});
  }
};

// A function from a record to a range of values.
template <class K, class V, class F>
struct FlatMapValues {
  using Out = Record<K, std::remove_cvref_t<std::ranges::range_value_t<ResultOf<F, K, V>>>>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    const auto& values = call(f, record);
    for (const auto& value : values) ctx.forward(record.with_value(value));
  }
};

// A function from a record to a range of pairs of key and value.
template <class K, class V, class F>
struct FlatMap {
  using Pair = std::remove_cvref_t<std::ranges::range_value_t<ResultOf<F, K, V>>>;
  using Out = Record<typename Pair::first_type, typename Pair::second_type>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    const auto& pairs = call(f, record);
    for (const auto& [key, value] : pairs) {
      ctx.forward({key, value, record.timestamp, record.observed, record.headers});
    }
  }
};

template <class K, class V, class F>
struct Peek {
  using Out = Record<K, V>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    call(f, record);
    ctx.forward(record);
  }
};

template <class K, class V, class F>
struct Rekey {
  using Out = Record<ResultOf<F, K, V>, V>;
  F f;
  void process(const Record<K, V>& record, Context<Out>& ctx) {
    const auto& key = call(f, record);
    ctx.forward(record.with_key(key));
  }
};

// The end of a stream that goes nowhere: for_each.
template <class K, class V, class F>
struct ForEach {
  using Out = Record<K, V>;
  F f;
  void process(const Record<K, V>& record, Context<Out>&) { call(f, record); }
};

template <class K, class V>
struct Merge {
  using Out = Record<K, V>;
  void process(const Record<K, V>& record, Context<Out>& ctx) { ctx.forward(record); }
};

// Keeps records that obey a rule; the others are dead letters and do not move time.
template <class K, class V, class F>
class RequireStage final : public Stage, public Receiver<Record<K, V>> {
 public:
  RequireStage(F keep, std::string rule) : keep_(std::move(keep)), rule_(std::move(rule)) {}
  void receive(const Record<K, V>& record) override {
    if (call(keep_, record)) return output_.forward(record);
    task_->refuse(*refused_, rule_);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && output_.connect(child, port);
  }
  bool wants_time() const override { return false; }
  void init(TaskContext& task) override {
    task_ = &task;
    refused_ = &task.discards("require");
  }

 private:
  F keep_;
  std::string rule_;
  TaskContext* task_ = nullptr;
  DiscardCounter* refused_ = nullptr;
  Output<Record<K, V>> output_;
};

// Output 0: records that have a key, unwrapped. Output 1: those that have none, as they are. They
// are counted when nobody takes output 1.
template <class K, class V>
class WithKeyStage final : public Stage, public Receiver<Record<std::optional<K>, V>> {
  using In = Record<std::optional<K>, V>;

 public:
  void receive(const In& record) override {
    if (record.key) return output_.forward(record.with_key(*record.key));
    if (!keeps_null_) return task_->discard(*null_key_, "the key is null");
    null_output_.forward(record);
  }
  void* input(int port, std::type_index record) override {
    return port == 0 && record == typeid(In) ? static_cast<Receiver<In>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    if (output == 0) return output_.connect(child, port);
    keeps_null_ = true;
    return output == 1 && null_output_.connect(child, port);
  }
  bool wants_time() const override { return false; }
  void init(TaskContext& task) override {
    task_ = &task;
    null_key_ = &task.discards("null_key");
  }

 private:
  bool keeps_null_ = false;
  TaskContext* task_ = nullptr;
  DiscardCounter* null_key_ = nullptr;
  Output<Record<K, V>> output_;
  Output<In> null_output_;
};

// First predicate that holds decides the output; the last output takes what none took.
template <class K, class V, class... F>
class BranchStage final : public Stage, public Receiver<Record<K, V>> {
 public:
  explicit BranchStage(F... predicates) : predicates_(std::move(predicates)...) {}
  void receive(const Record<K, V>& record) override {
    outputs_[first(record, std::index_sequence_for<F...>{})].forward(record);
  }
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(Record<K, V>);
    return fits ? static_cast<Receiver<Record<K, V>>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output >= 0 && output <= static_cast<int>(sizeof...(F)) &&
           outputs_[static_cast<std::size_t>(output)].connect(child, port);
  }

 private:
  template <std::size_t... I>
  std::size_t first(const Record<K, V>& record, std::index_sequence<I...>) const {
    std::size_t taken = sizeof...(F);
    static_cast<void>(
        ((static_cast<bool>(call(std::get<I>(predicates_), record)) && (taken = I, true)) || ...));
    return taken;
  }
  std::tuple<F...> predicates_;
  std::array<Output<Record<K, V>>, sizeof...(F) + 1> outputs_;
};

}  // namespace weir::detail
