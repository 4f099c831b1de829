// Every rule a plan must obey, in one list.
#pragma once

#include <string>
#include <vector>

#include <weir/topology.h>

namespace weir::topology {

// Appends a message for each broken rule: what is wrong, where, and what to do.
void validate(const std::vector<StageSpec>& stages, const ErrorPolicy& errors,
              std::vector<std::string>& problems);

// A name that can be part of a topic's name.
bool is_topic_name(std::string_view name);

}  // namespace weir::topology
