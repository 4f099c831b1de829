// The end of input: what lay in the source topics at the start, and what the job made of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/layout.h"
#include "kafka/client.h"
#include <weir/topology.h>

namespace weir::engine {

// Asks the group, not this instance: another one may have done the work.
//
// Source topics first. Once the group has committed their remembered ends, everything that their
// readers wrote into repartition topics lies there; those ends are remembered in turn, and so on
// downstream.
class UntilEnd {
 public:
  UntilEnd(const Topology& topology, const Layout& layout, std::string job);

  // True once all of it is processed and committed. False: not yet, or the brokers do not answer.
  bool reached(kafka::Admin& admin);

 private:
  struct Topic {
    std::string name;
    int level = 0;  // 0: a source. Else one more than what is read by those who write it.
    std::vector<std::int64_t> ends{};  // Empty: not remembered yet.
    bool done = false;
  };
  void find_levels(const Topology& topology);
  bool remember(Topic& topic, kafka::Admin& admin) const;

  const Layout& layout_;
  const std::string job_;
  std::map<std::string, Topic> topics_;
};

}  // namespace weir::engine
