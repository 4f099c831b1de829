// What TestDriver drives: all tasks of a topology over a log in memory.
//
// Records that tasks write are invisible until the task commits, as under read_committed; a commit
// is one step: outputs, changelog, offsets, state.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.h"
#include "state/memory_disk.h"
#include <weir/testing.h>

namespace weir::testing {

using PartitionLog = std::vector<LogRecord>;
using TopicLog = std::vector<PartitionLog>;

class TestCluster {
 public:
  TestCluster(Topology topology, TestOptions options);
  ~TestCluster();

  void send(std::string_view topic, LogRecord record);
  std::vector<LogRecord> read(std::string_view topic);
  engine::Counters counters() const;
  void advance(Duration by);
  void commit();
  void crash(bool keep_state);
  void drain();
  BytesStore& store(std::string_view name, int partition);
  Timestamp stream_time(std::string_view topic, int partition) const;
  const Topology& topology() const { return topology_; }

 private:
  struct RunningTask;

  void plan_partitions();
  int tasks_of(int sub_topology) const;
  void start_tasks();
  void restore(RunningTask& task);
  void run();
  bool feed(RunningTask& task);
  bool commit(RunningTask& task);
  void write_changelog(RunningTask& task);

  const Topology topology_;
  const TestOptions options_;
  Timestamp now_;
  std::map<std::string, TopicLog, std::less<>> log_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> read_;  // How far the test has read.
  std::vector<int> tasks_per_part_;
  std::map<engine::TaskId, std::unique_ptr<RunningTask>> tasks_;
  engine::Counters counted_;  // By tasks that crashed, up to their last commit.
};

}  // namespace weir::testing
