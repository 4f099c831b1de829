// The stage of `route`: an output for each entry; the first condition that holds decides.
#pragma once

#include <vector>

#include "compile/frames.h"
#include "compile/steps.h"
#include <weir/stage.h>

namespace weir::compile {

class RouteStage final : public Stage, public Receiver<RowRecord> {
 public:
  // A null condition takes all that is left.
  explicit RouteStage(std::vector<const job::Program*> conditions)
      : conditions_(std::move(conditions)), outputs_(conditions_.size()) {}

  void receive(const RowRecord& record) override;
  void* input(int port, std::type_index record) override {
    const bool fits = port == 0 && record == typeid(RowRecord);
    return fits ? static_cast<Receiver<RowRecord>*>(this) : nullptr;
  }
  bool connect(int output, Stage& child, int port) override {
    return output >= 0 && output < static_cast<int>(outputs_.size()) &&
           outputs_[static_cast<std::size_t>(output)].connect(child, port);
  }
  bool wants_time() const override { return false; }
  void init(TaskContext& task) override {
    task_ = &task;
    failed_ = &task.discards("process");
  }

 private:
  const std::vector<const job::Program*> conditions_;
  std::vector<Output<RowRecord>> outputs_;
  TaskContext* task_ = nullptr;
  DiscardCounter* failed_ = nullptr;
  Frames frames_;
};

}  // namespace weir::compile
