// Processors: operators of your own. A plain copyable struct; what you pass is the prototype, each
// task works on its own copy.
//
//   struct SpendingLimit {
//     using Out = Record<std::string, Order>;  // What it may forward.
//     double limit;
//     Store<std::string, double>* spent = nullptr;
//
//     void init(Context<Out>& ctx) { spent = &ctx.store(kSpent); }
//     void process(const Record<std::string, Order>& record, Context<Out>& ctx) {
//       const double total = spent->get(record.key).value_or(0) + record.value.amount;
//       spent->put(record.key, total);
//       if (total > limit) ctx.forward(record);
//     }
//   };
//
// Optional members: `init(ctx)`; `on_time(Timestamp, ctx)`, called when stream time has advanced;
// `punctuate(Punctuation, ctx)`, called as ctx.schedule() asked for.
//
// What cannot be processed goes to ctx.discard(). An exception, of a processor as of any function
// given to an operator, is no answer to a record: it ends the job.
#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <weir/stage.h>
#include <weir/store.h>

namespace weir {

enum class Clock { stream_time, wall_clock };

// A call that a processor scheduled. `time` is what the clock shows.
struct Punctuation {
  int id = 0;
  Timestamp time = 0;
};

// What a processor sees of its task.
template <class Out>
class Context {
 public:
  void forward(const Out& record) const { output_.forward(record); }

  // The store of a declaration. REQUIRES: it was listed when the processor was added.
  template <class K, class V>
  Store<K, V>& store(const KeyValueStore<K, V>& declaration) {
    std::shared_ptr<void>& slot = stores_[declaration.name];
    if (!slot) slot = std::make_shared<Store<K, V>>(task_->store(declaration.name));
    return *static_cast<Store<K, V>*>(slot.get());
  }

  // The largest time this stage has been told; kNoTime before the first record.
  Timestamp stream_time() const { return time_; }
  // The wall clock of the last step of the engine.
  Timestamp wall_clock() const { return task_->wall_clock(); }

  // Calls `punctuate` every `interval` of the clock from now on; missed calls collapse into one.
  // By stream time, the calls are those for the multiples of the interval since the epoch that time
  // passes after the first record; a restart changes nothing about them. Returns the id.
  int schedule(Duration interval, Clock clock) {
    check(interval.count() > 0, "a punctuation needs an interval above zero");
    const bool wall = clock == Clock::wall_clock;
    schedules_.push_back(
        {interval.count(), clock, wall ? later(task_->wall_clock(), interval) : kNoTime});
    return static_cast<int>(schedules_.size()) - 1;
  }

  // Counts the record that is being processed as discarded for `reason`; it becomes a dead letter
  // where the job keeps them. `text` says what was wrong with it.
  void discard(std::string_view reason, std::string_view text) {
    task_->discard(task_->discards(reason, step_), text);
  }

 private:
  template <class, class>
  friend class ProcessorStage;
  struct Schedule {
    std::int64_t interval_ms;
    Clock clock;
    Timestamp next;
  };
  Output<Out> output_;
  TaskContext* task_ = nullptr;
  std::string step_;
  Timestamp time_ = kNoTime;
  std::vector<Schedule> schedules_;
  // Stores by name, of types only the processor knows. Shared with nobody: shared_ptr<void> is the
  // standard's way to own a value whose type is forgotten.
  std::map<std::string, std::shared_ptr<void>, std::less<>> stores_;
};

template <class P, class In>
concept ProcessorOf = std::copyable<P> &&
    requires(P p, const In& in, Context<typename P::Out>& ctx) {
  typename P::Out;
  p.process(in, ctx);
};

// The stage of a processor with one input and one output.
template <class P, class In>
class ProcessorStage final : public Stage, public Receiver<In> {
  using Out = typename P::Out;
  static constexpr bool kHasOnTime = requires(P p, Context<Out>& ctx) {
    p.on_time(Timestamp{}, ctx);
  };

 public:
  ProcessorStage(P prototype, bool has_state)
      : processor_(std::move(prototype)), has_state_(has_state) {}

  void receive(const In& record) override {
    if (has_state_) context_.task_->time_first();
    processor_.process(record, context_);
  }
  void* input(int port, std::type_index record) override {
    return port == 0 && record == typeid(In) ? static_cast<Receiver<In>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output == 0 && context_.output_.connect(child, port);
  }
  void init(TaskContext& task) override {
    context_.task_ = &task;
    context_.step_ = task.step();
    if constexpr (requires { processor_.init(context_); }) processor_.init(context_);
    if (!context_.schedules_.empty()) has_state_ = true;
  }
  bool wants_time() const override { return has_state_ || kHasOnTime; }
  void on_time(Timestamp time) override {
    context_.time_ = time;
    if constexpr (kHasOnTime) processor_.on_time(time, context_);
    punctuate(Clock::stream_time, time);
  }
  void on_wall_clock(Timestamp now) override { punctuate(Clock::wall_clock, now); }

 private:
  void punctuate(Clock clock, Timestamp now) {
    if constexpr (requires { processor_.punctuate(Punctuation{}, context_); }) {
      if (now == kEndOfTime) return;
      for (std::size_t id = 0; id < context_.schedules_.size(); ++id) {
        auto& schedule = context_.schedules_[id];
        if (schedule.clock != clock) continue;
        const bool first = schedule.next == kNoTime;
        if (!first && now < schedule.next) continue;
        const Timestamp origin = clock == Clock::stream_time ? 0 : schedule.next;
        const std::int64_t passed = (now - origin) / schedule.interval_ms;
        schedule.next = origin + (passed + 1) * schedule.interval_ms;
        if (first) continue;
        processor_.punctuate(Punctuation{static_cast<int>(id), now}, context_);
      }
    }
  }

  P processor_;
  bool has_state_;
  Context<Out> context_;
};

}  // namespace weir
