// The whole path of a job without Kafka: bytes in, through the engine's task, bytes out and thrown
// away, with a commit now and then.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/task.h"
#include "state/memory_disk.h"
#include <weir/topology.h>

namespace weir::perf {

class JobPath {
 public:
  // One task of each sub-topology; repartition topics are passed through by hand.
  explicit JobPath(const Topology& topology);
  ~JobPath();

  // Gives the next record of a topic to its task, at this event time.
  void add(std::string_view topic, std::string_view value, Timestamp time);
  void commit();
  std::uint64_t results() const { return results_; }

 private:
  class Outbox;
  struct Running {
    state::MemoryFiles files;
    std::unique_ptr<state::Environment> stores;
    std::unique_ptr<Outbox> output;
    std::unique_ptr<engine::Task> task;
    std::vector<std::int64_t> offsets;
  };
  struct Route {
    std::string topic;
    bool repartition;
    int part;
    int input;
  };
  void pass(std::string_view topic, bool repartition, const InputRecord& record);
  void give(int part, int input, const InputRecord& record);
  void route(std::string_view topic, const OutputRecord& record);

  const Topology topology_;
  std::vector<std::unique_ptr<Running>> parts_;
  std::vector<Route> routes_;
  std::uint64_t results_ = 0;
};

}  // namespace weir::perf
