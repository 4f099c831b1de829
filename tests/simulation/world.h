// A world for the engine: a simulated cluster, instances of a job that come and go, chance from a
// seed. The engine is the real one; only Kafka, the clock and the disk are models.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/worker.h"
#include "sim/sim_cluster.h"
#include "state/memory_disk.h"
#include <weir/topology.h>

namespace weir::simulation {

// One process of the job: a worker and the disk that outlives it.
class Instance {
 public:
  Instance(sim::SimCluster& cluster, const Topology& topology, engine::WorkerOptions options);

  // A turn of its worker. A worker that asks to be replaced is replaced.
  void turn();
  // SIGKILL. `lose_disk`: the machine is gone, too.
  void kill(bool lose_disk);
  void start();
  // Leaves as on SIGTERM.
  void stop();
  bool running() const { return worker_ != nullptr; }
  engine::Worker* worker() { return worker_.get(); }
  // All tasks of the job; 0 before it is known.
  std::size_t tasks_wanted() const;
  // From now on no store can be opened.
  void refuse_disk(std::string why) { refused_ = std::move(why); }
  const std::string& failure() const { return failure_; }
  int replaced() const { return replaced_; }
  std::uint64_t restored() const { return restored_ + (worker_ ? worker_->restored() : 0); }

 private:
  void make_worker();

  sim::SimCluster& cluster_;
  const Topology& topology_;
  engine::WorkerOptions options_;
  std::map<engine::TaskId, std::unique_ptr<state::MemoryFiles>> disk_;
  std::unique_ptr<sim::Connection> connection_;
  std::optional<engine::Layout> layout_;
  std::unique_ptr<engine::Worker> worker_;
  std::string failure_;
  std::string refused_;
  int replaced_ = 0;
  std::uint64_t restored_ = 0;
};

struct Chances {
  int instances = 1;
  std::uint32_t kill_per_mille = 0;       // Of each turn.
  std::uint32_t lose_disk_per_mille = 0;  // Of each kill.
  std::uint32_t fault_per_mille = 0;      // Of each request to Kafka.
  bool exactly_once = true;
};

class World {
 public:
  World(std::uint64_t seed, Topology topology, Chances chances);

  sim::SimCluster& cluster() { return cluster_; }
  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  void create(const std::string& topic, int partitions);
  void append(const std::string& topic, int partition, sim::SimRecord record);

  // Turns with everything that chance brings, `turns` times.
  void storm(int turns);
  // Until all of the input is processed and committed, without further mishaps.
  void settle();
  // One instance stays; the end of input becomes the end of time.
  void drain();
  std::vector<sim::SimRecord> results(const std::string& topic);

  Instance& instance(std::size_t at) { return *instances_[at]; }
  void refuse_disks(const std::string& why) {
    for (auto& instance : instances_) instance->refuse_disk(why);
  }
  const std::string& failure() const { return failure_; }

 private:
  void step(bool mishaps);
  bool all_idle();
  std::string picture();  // What each instance is doing.
  void set_faults(std::uint32_t per_mille);

  std::mt19937_64 random_;
  sim::SimCluster cluster_;
  const Topology topology_;
  const Chances chances_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::string failure_;
};

}  // namespace weir::simulation
