// The plan in words, for people, for programs and for pictures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/topology.h>

namespace weir::topology {

std::string describe_text(const Topology& topology);
std::string describe_json(const Topology& topology);
std::string describe_dot(const Topology& topology);

// An edge as the upstream stage sees it.
struct Target {
  int to = 0;  // Index of the downstream stage.
  Edge edge;
};
// Where the records of each stage go, in the order of the stages that take them.
std::vector<std::vector<Target>> targets_of(const Topology& topology);

// What the policy comes to once `automatic` is worked out.
OnError answer_to_bad(const ErrorPolicy& errors);
OnError answer_to_unreadable(const ErrorPolicy& errors);
OnError answer_to_refused(const ErrorPolicy& errors);  // By sinks.
OnError answer_to_late(const ErrorPolicy& errors);

// The text between quotation marks, as JSON and dot want it.
std::string quoted(std::string_view text);

}  // namespace weir::topology
