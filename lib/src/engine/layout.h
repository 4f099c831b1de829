// How a topology lies on a cluster: its topics, their partitions, the tasks that follow from them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kafka/client.h"
#include <weir/error.h>
#include <weir/topology.h>

namespace weir::engine {

struct Layout {
  std::vector<int> tasks;                 // Of each sub-topology.
  std::map<std::string, int> partitions;  // Of every topic that is read or written.
  std::vector<kafka::TopicSpec> missing;  // Topics to create before the start.
  std::vector<std::string> written;       // Every topic that a producer opens.
  std::vector<std::string> subscription;  // Every topic that is read.
  std::map<std::string, int> reader;      // The sub-topology that reads a topic.
};

struct LayoutOptions {
  std::string job;
  int sink_partitions = 0;  // Of sink topics that have to be made; 0: as the inputs.
};

// Looks at the cluster, changes nothing. An Error says which rule is broken: a source topic that is
// missing, inputs of one sub-topology with unequal partitions, an internal topic that does not fit.
Result<Layout> plan_layout(const Topology& topology, const LayoutOptions& options,
                           kafka::Admin& admin);

// Creates what is missing. Fine when another instance was faster.
Status create_topics(const Layout& layout, kafka::Admin& admin);

}  // namespace weir::engine
