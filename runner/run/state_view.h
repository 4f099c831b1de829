// The state of a job on the disk of this machine, looked at from another process than the one that
// may be running it, which is not disturbed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "compile/state_rows.h"
#include "state/snapshot.h"
#include <weir/error.h>

namespace weir::run {

// The stores of one task.
struct TaskState {
  std::filesystem::path directory{};
  std::string task{};  // "1_0": sub-topology and partition.
  int partition = 0;
};

// All tasks whose state lies in the directory of a job, in order. An Error when there is none.
Result<std::vector<TaskState>> tasks_in(const std::filesystem::path& job_directory);

// A look at one of them. It is renewed when it gets old, since space that the job frees meanwhile
// cannot be used again.
class TaskLook final {
 public:
  static Result<std::unique_ptr<TaskLook>> open(const TaskState& task);

  // An Error when it cannot be renewed. Valid until the next call.
  Result<state::Snapshot*> now();

 private:
  using Clock = std::chrono::steady_clock;
  explicit TaskLook(std::filesystem::path directory) : directory_(std::move(directory)) {}

  const std::filesystem::path directory_;
  std::unique_ptr<state::Snapshot> snapshot_;
  Clock::time_point taken_{};
};

// One store of a task, for StateRows.
class StoreOnDisk final : public compile::StateSource {
 public:
  // REQUIRES: `look` outlives it.
  StoreOnDisk(TaskLook& look, std::string store) : look_(look), store_(std::move(store)) {}
  Status scan(Bytes from, Bytes to, BytesStore::Visit visit) override;

 private:
  TaskLook& look_;
  const std::string store_;
};

}  // namespace weir::run
