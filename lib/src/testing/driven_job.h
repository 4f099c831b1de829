// What TestDriver drives: the engine's own workers on the simulated cluster, a turn at a time.
//
// The brokers' clock stands still, so that no session and no transaction ends by itself: those of a
// process that is gone end when the test says so. The clock that the job sees is the test's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/worker.h"
#include "sim/sim_cluster.h"
#include "state/memory_disk.h"
#include <weir/testing.h>

namespace weir::testing {

class DrivenJob {
 public:
  DrivenJob(Topology topology, TestOptions options);
  ~DrivenJob();

  void send(std::string_view topic, LogRecord record);
  std::vector<LogRecord> read(std::string_view topic);
  engine::Counters counters() const;
  void advance(Duration by);
  void commit();
  void crash(bool keep_state);
  int add_instance();
  void kill_instance(int number);
  void drain();
  BytesStore& store(std::string_view name, int partition);
  Timestamp stream_time(std::string_view topic, int partition) const;
  const Topology& topology() const { return topology_; }

 private:
  // A process of the job, and the disk that outlives it.
  struct Instance {
    std::map<engine::TaskId, std::unique_ptr<state::MemoryFiles>> disk;
    std::unique_ptr<sim::Connection> connection;
    std::unique_ptr<engine::Worker> worker;
  };

  int partitions_of(const std::string& topic) const;
  void create_topics();
  void start(std::size_t number);
  // It is gone for good, and the brokers know.
  void remove(std::size_t number);
  engine::Worker& running(std::size_t number);
  std::uint64_t steps() const;
  std::uint64_t commits() const;
  bool all_run() const;
  // Turns until a turn changes nothing.
  void run();
  // Of the cluster: internal topics carry the job's name there, but not in tests.
  std::string topic_name(std::string_view topic) const;

  const Topology topology_;
  const TestOptions options_;
  Timestamp now_;
  sim::SimCluster cluster_;
  engine::Layout layout_;
  std::vector<std::unique_ptr<Instance>> instances_;  // Null: it was killed.
  std::map<std::string, std::vector<std::int64_t>, std::less<>>
      read_;                  // How far the test has read.
  engine::Counters counted_;  // By workers that crashed, up to their last commit.
};

}  // namespace weir::testing
