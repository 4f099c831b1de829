// How a topology lies on a cluster: its topics, their partitions, the tasks that follow from them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/output_limits.h"
#include "kafka/client.h"
#include <weir/error.h>
#include <weir/topology.h>

namespace weir::engine {

struct Layout {
  std::vector<int> tasks;                      // Of each sub-topology.
  std::map<std::string, int> partitions;       // Of every topic that is read or written.
  std::vector<kafka::TopicSpec> missing;       // Topics to create before the start.
  std::vector<std::string> written;            // Every topic that a producer opens.
  std::vector<std::string> subscription;       // Every topic that is read.
  std::map<std::string, int> reader;           // The sub-topology that reads a topic.
  std::string dead_letters;                    // Topic; empty: none.
  bool stops_at_refused = false;               // What a sink refuses ends the job.
  std::vector<std::string> sinks;              // Names in the plan that are sinks and no topics.
  std::map<std::string, OutputLimits> limits;  // Of result topics, see read_limits().
};

struct LayoutOptions {
  std::string job{};
  int sink_partitions = 0;        // Of sink topics that have to be made; 0: as the inputs.
  std::set<std::string> sinks{};  // Names of result topics that are no topics.
  int replicas = -1;              // Of topics that have to be made; -1: the brokers' default.
  bool make_results = true;       // False: a missing result or dead-letter topic breaks a rule.
};

// What an internal topic is made with, by the end of its name.
kafka::Configs internal_configs(std::string_view topic);
kafka::Configs dead_letter_configs();

// Looks at the cluster, changes nothing. An Error says which rule is broken: a source topic that is
// missing, inputs of one sub-topology with unequal partitions, an internal topic that does not fit.
Result<Layout> plan_layout(const Topology& topology, const LayoutOptions& options,
                           kafka::Admin& admin);

// The internal topics that must not be missing: state that was committed lies in them. Empty when
// all is well, or when the job has never run.
Result<std::vector<std::string>> lost_topics(const Topology& topology, const Layout& layout,
                                             const std::string& job, kafka::Admin& admin);

// Fills in what the brokers take into the result topics. REQUIRES: they exist.
Status read_limits(Layout& layout, kafka::Admin& admin);

// Creates what is missing. Fine when another instance was faster. `may_pass`: whether it may well
// succeed when it is tried again.
Status create_topics(const Layout& layout, kafka::Admin& admin, bool* may_pass = nullptr);

}  // namespace weir::engine
