// What TestDriver drives: the engine's own worker on the simulated cluster, a turn at a time.
//
// The brokers' clock stands still, so that no session and no transaction ends by itself; the clock
// that the job sees is the test's.
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
  void drain();
  BytesStore& store(std::string_view name, int partition);
  Timestamp stream_time(std::string_view topic, int partition) const;
  const Topology& topology() const { return topology_; }

 private:
  void create_topics();
  void start();
  // Turns until a turn changes nothing.
  void run();
  // Of the cluster: internal topics carry the job's name there, but not in tests.
  std::string topic_name(std::string_view topic) const;

  const Topology topology_;
  const TestOptions options_;
  Timestamp now_;
  sim::SimCluster cluster_;
  std::map<engine::TaskId, std::unique_ptr<state::MemoryFiles>> disk_;
  engine::Layout layout_;
  std::unique_ptr<sim::Connection> connection_;
  std::unique_ptr<engine::Worker> worker_;
  std::map<std::string, std::vector<std::int64_t>, std::less<>>
      read_;                  // How far the test has read.
  engine::Counters counted_;  // By workers that crashed, up to their last commit.
};

}  // namespace weir::testing
