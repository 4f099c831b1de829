#include "topology/describe.h"

#include <cstdio>

namespace weir {

std::string Topology::describe(DescribeAs format) const {
  switch (format) {
    case DescribeAs::json:
      return topology::describe_json(*this);
    case DescribeAs::dot:
      return topology::describe_dot(*this);
    case DescribeAs::text:
      break;
  }
  return topology::describe_text(*this);
}

namespace topology {

std::vector<std::vector<Target>> targets_of(const Topology& topology) {
  const std::vector<StageSpec>& stages = topology.stages();
  std::vector<std::vector<Target>> targets(stages.size());
  for (std::size_t at = 0; at < stages.size(); ++at) {
    for (const Edge& edge : stages[at].inputs) {
      targets[static_cast<std::size_t>(edge.from)].push_back({static_cast<int>(at), edge});
    }
  }
  return targets;
}

OnError answer_to_bad(const ErrorPolicy& errors) {
  if (errors.record != OnError::automatic) return errors.record;
  return errors.dead_letters.empty() ? OnError::stop : OnError::dead_letter;
}

OnError answer_to_unreadable(const ErrorPolicy& errors) {
  return errors.decode != OnError::automatic ? errors.decode : answer_to_bad(errors);
}

OnError answer_to_refused(const ErrorPolicy& errors) {
  const bool stops = errors.sink == OnError::stop || errors.dead_letters.empty();
  return stops ? OnError::stop : OnError::dead_letter;
}

OnError answer_to_late(const ErrorPolicy& errors) {
  if (errors.late != OnError::automatic) return errors.late;
  return errors.dead_letters.empty() ? OnError::drop : OnError::dead_letter;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace topology

}  // namespace weir
