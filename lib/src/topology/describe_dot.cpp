#include <set>

#include "topology/describe.h"

namespace weir::topology {

namespace {

std::string node_of(int stage) { return "s" + std::to_string(stage); }
std::string node_of_topic(const StageSpec& spec) {
  const bool ours = spec.role == Role::repartition_read || spec.role == Role::repartition_write;
  return quoted((ours ? "repartition " : "topic ") + spec.topic);
}
bool reads(const StageSpec& spec) {
  return spec.role == Role::source || spec.role == Role::repartition_read;
}

// Lines of a label, each on its own.
std::string label(std::initializer_list<std::string> lines) {
  std::string out;
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    const std::string text = quoted(line);
    out += (out.empty() ? "" : "\\n") + text.substr(1, text.size() - 2);
  }
  return "[label=\"" + out + "\"";
}

void append_dot_part(const Topology& topology, std::size_t number, std::string& out) {
  const std::string n = std::to_string(number);
  out += "  subgraph cluster_" + n + " {\n    label=\"sub-topology " + n + "\";\n";
  for (const int at : topology.sub_topologies()[number].stages) {
    const StageSpec& spec = topology.stages()[static_cast<std::size_t>(at)];
    const std::string kind = spec.name.starts_with(spec.kind) ? "" : spec.kind;
    out += "    " + node_of(at) + " " + label({spec.name, kind, spec.details}) + "];\n";
    for (const StoreSpec& store : spec.stores) {
      const std::string node = quoted("store " + store.name);
      out += "    " + node + " " + label({store.name, store.kind}) + ", shape=cylinder];\n";
      out += "    " + node_of(at) + " -> " + node + " [style=dotted, dir=none];\n";
    }
  }
  out += "  }\n";
}

void append_edges(const Topology& topology, std::string& out) {
  for (std::size_t at = 0; at < topology.stages().size(); ++at) {
    const StageSpec& spec = topology.stages()[at];
    const std::string node = node_of(static_cast<int>(at));
    for (const Edge& edge : spec.inputs) {
      out += "  " + node_of(edge.from) + " -> " + node;
      if (edge.output > 0) out += " [label=\"output " + std::to_string(edge.output) + "\"]";
      out += ";\n";
    }
    if (spec.topic.empty()) continue;
    const std::string topic = node_of_topic(spec);
    out += "  " + (reads(spec) ? topic + " -> " + node : node + " -> " + topic) + ";\n";
  }
}

}  // namespace

std::string describe_dot(const Topology& topology) {
  std::string out = "digraph topology {\n  rankdir=LR;\n  node [shape=box];\n";
  std::set<std::string> topics;
  for (const StageSpec& spec : topology.stages()) {
    if (spec.topic.empty()) continue;
    const std::string node = node_of_topic(spec);
    if (!topics.insert(node).second) continue;
    out += "  " + node + " " + label({spec.topic}) + ", shape=ellipse];\n";
  }
  for (std::size_t number = 0; number < topology.sub_topologies().size(); ++number) {
    append_dot_part(topology, number, out);
  }
  append_edges(topology, out);
  return out + "}\n";
}

}  // namespace weir::topology
