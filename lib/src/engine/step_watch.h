// How many records pass the stages of a task, and how long the stages take for them. The outputs
// count for themselves; time is taken for one record in some hundred, as its own time of each stage
// that it passes. No thread but the task's comes here.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <weir/app_snapshot.h>
#include <weir/record_watcher.h>
#include <weir/stage.h>

namespace weir::engine {

class StepWatch final : public OutputWatch {
 public:
  // What one stage took.
  struct Spent {
    double busy_ns = 0;  // Of all records, as the sample tells.
    StepTimes times{};   // For one record.
  };

  // Records between two that are timed: so many on average, never the same number, so that a
  // pattern in the input does not fool the clock.
  static constexpr std::uint32_t kEvery = 256;

  void add_stage() { spent_.emplace_back(); }
  // `child`: the number of a stage here.
  void add_edge(OutputMeter& from, int stage, int output, int child);

  // Whether the next record is timed: asked for each one.
  bool is_due() { return --until_ == 0; }
  // Between the two, the clock runs for `stage` and for whatever it hands records to.
  void begin(int stage);
  void end();

  // The clock for one stage, and nothing of what it calls: for work that is not done per record.
  template <class F>
  void time_whole(int stage, F work) {
    const Clock::time_point begun = Clock::now();
    work();
    const auto took = std::chrono::nanoseconds(Clock::now() - begun).count();
    spent_[static_cast<std::size_t>(stage)].busy_ns += static_cast<double>(took);
  }
  bool is_timing() const { return timing_; }

  void on_record(const OutputMeter& output, std::type_index type, const void* record) override;
  void enter(int stage) override;
  void leave() override;

  // Null: nobody looks.
  void set_watcher(RecordWatcher* watcher);

  const Spent& spent(std::size_t stage) const { return spent_[stage]; }
  // What was counted since the last commit is forgotten, or is not.
  void committed();
  void aborted();
  // Records that left by the output that feeds a stage, up to the last commit.
  std::uint64_t committed_records(const OutputMeter& output) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Frame {
    std::size_t stage;
    std::int64_t own_ns;
  };
  struct Meter {
    OutputMeter* meter;
    std::uint64_t committed = 0;
    bool wanted = false;  // By the watcher.
  };

  std::int64_t lap();
  void arm();
  void close_frame();

  std::vector<Spent> spent_;
  std::vector<Meter> meters_;
  std::vector<Frame> frames_;
  RecordWatcher* watcher_ = nullptr;
  Clock::time_point at_{};
  std::uint32_t until_ = kEvery;
  std::uint32_t weight_ = kEvery;  // Records that the timed one stands for.
  std::uint32_t random_ = 1;
  bool timing_ = false;
};

}  // namespace weir::engine
