// A world for the engine: a simulated cluster, instances of a job that come and go, chance from a
// seed. The engine is the real one; only Kafka, the clock and the disk are models.
//
// Time goes on by turns of a few milliseconds. What happens is told to a listener, if there is one,
// so that a run can be read afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/worker.h"
#include "sim/sim_cluster.h"
#include "state/memory_disk.h"
#include <weir/topology.h>

namespace weir::simulation {

// Sinks that are no topics: what has arrived there, to stay.
struct Places {
  explicit Places(std::uint64_t seed) : random(seed) {}

  std::map<std::string, std::vector<sim::SimRecord>> rows;
  std::uint32_t trouble_per_mille = 0;  // Of each call: not now.
  sim::Random random;

  // Whether a sink refuses a row for good.
  static bool refuses(const std::optional<std::string>& key, Timestamp time);
  OpenSink opener(const std::string& name);
};

// One process of the job: its workers and the disk that outlives it.
class Instance {
 public:
  // `options.sinks` names the results that are no topics.
  Instance(sim::SimCluster& cluster, const Topology& topology, engine::WorkerOptions options,
           int threads);

  // A turn of its workers. One that asks to be replaced is replaced. False: the process died in
  // the middle of a request.
  bool turn();
  // SIGSTOP, until `until`.
  void freeze(Timestamp until) { frozen_until_ = until; }
  // Its network, until `until`.
  void cut(Timestamp until);
  // It goes on as if nothing had been.
  void recover();
  // SIGKILL. `lose_disk`: the machine is gone, too.
  void kill(bool lose_disk);
  void start();
  // Leaves as on SIGTERM.
  void stop();
  bool leaving() const { return leaving_; }
  bool running() const { return connection_ != nullptr; }
  // The first of its workers, or null.
  engine::Worker* worker() { return seats_.empty() ? nullptr : seats_.front().worker.get(); }
  std::vector<engine::Worker*> workers();
  // All tasks of the job; 0 before it is known.
  std::size_t tasks_wanted() const;
  // From now on no store can be opened.
  void refuse_disk(std::string why) { refused_ = std::move(why); }
  const std::string& failure() const { return failure_; }
  int replaced() const { return replaced_; }
  std::uint64_t restored() const;

 private:
  struct Seat {
    std::unique_ptr<engine::Worker> worker{};
    bool stopped = false;
  };
  void make_worker(std::size_t at);
  void turn_worker(std::size_t at);
  void end_workers();

  sim::SimCluster& cluster_;
  const Topology& topology_;
  engine::WorkerOptions options_;
  const int threads_;
  std::map<engine::TaskId, std::unique_ptr<state::MemoryFiles>> disk_;
  std::unique_ptr<sim::Connection> connection_;
  std::optional<engine::Layout> layout_;
  std::set<engine::TaskId> open_;  // Whose stores a worker has.
  std::vector<Seat> seats_;
  std::string failure_;
  std::string refused_;
  Timestamp frozen_until_ = kNoTime;
  Timestamp cut_until_ = kNoTime;
  bool leaving_ = false;
  int replaced_ = 0;
  std::uint64_t restored_ = 0;
};

struct Chances {
  int instances = 1;
  std::uint32_t kill_per_mille = 0;       // Of each turn.
  std::uint32_t lose_disk_per_mille = 0;  // Of each kill.
  std::uint32_t fault_per_mille = 0;      // Of each request to Kafka.
  std::uint32_t death_per_mille = 0;      // Of each request: SIGKILL before it or after it.
  std::uint32_t weather_per_mille = 0;    // Of each turn: what else happens, see World::weather.
  bool exactly_once = true;
  bool static_membership = true;
  int start_later = 0;      // Instances that are not there at first.
  Duration commit_every{};  // Zero: chance says.
  int threads = 1;          // Of each instance.
  std::size_t producer_queue_max = 0;
  std::set<std::string> sinks{};                // Results that go to no topic but to `Places`.
  std::map<std::string, OpenSink> own_sinks{};  // And those that go to a test's own.
};

class World {
 public:
  World(std::uint64_t seed, Topology topology, Chances chances);

  sim::SimCluster& cluster() { return cluster_; }
  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  void create(const std::string& topic, int partitions);
  void append(const std::string& topic, int partition, sim::SimRecord record);

  // Everybody starts, but those who start later.
  void start();
  // Turns with everything that chance brings, `turns` times.
  void storm(int turns);
  // Everything is well again: brokers, networks, instances.
  void calm();
  // Turns without mishaps until `done` says so, then some more. False: it never did.
  bool wait_for(const std::function<bool()>& done, int turns_max, int turns_after);
  // Until all of the input is processed and committed, without further mishaps.
  void settle();
  // One instance stays; the end of input becomes the end of time.
  void drain();
  // Of a sink: each as often as it has come.
  std::vector<sim::SimRecord> results(const std::string& topic);
  bool has_topic(const std::string& topic) {
    return is_sink(topic) || cluster_.topics().find(topic) != nullptr;
  }
  bool is_sink(const std::string& topic) const { return chances_.sinks.contains(topic); }

  Instance& instance(std::size_t at) { return *instances_[at]; }
  void refuse_disks(const std::string& why) {
    for (auto& instance : instances_) instance->refuse_disk(why);
  }
  const std::string& failure() const { return failure_; }
  void fail(std::string why) { failure_ = std::move(why); }

  using Listener = std::function<void(Timestamp, const std::string&)>;
  void listen(Listener listener);
  std::string picture();  // What each instance is doing.

 private:
  void step(bool mishaps);
  void step_instance(std::size_t at, bool mishaps);
  void weather();
  void broker_weather(std::uint64_t what, Timestamp until);
  kafka::Partition random_partition();
  void compact();
  void purge(const std::string& topic);
  void tell(const std::string& what) {
    if (listener_) listener_(cluster_.now(), what);
  }
  bool all_idle();
  std::size_t tasks_of(Instance& instance);
  void set_faults(std::uint32_t per_mille);
  void clear_faults();

  std::mt19937_64 random_;
  sim::SimCluster cluster_;
  const Topology topology_;
  const Chances chances_;
  Places places_;
  std::vector<Timestamp> away_until_;  // Instances that are off for long.
  std::vector<std::unique_ptr<Instance>> instances_;
  Listener listener_;
  Timestamp down_until_ = kNoTime;
  std::map<kafka::Partition, Timestamp> still_until_;
  std::string failure_;
};

}  // namespace weir::simulation
