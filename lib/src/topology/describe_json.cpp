#include "topology/describe.h"

namespace weir::topology {

namespace {

const char* word_of(Role role) {
  switch (role) {
    case Role::source:
      return "source";
    case Role::repartition_read:
      return "repartition_read";
    case Role::repartition_write:
      return "repartition_write";
    case Role::sink:
      return "sink";
    case Role::inner:
      break;
  }
  return "inner";
}

const char* word_of(OnError answer) {
  if (answer == OnError::drop) return "drop";
  return answer == OnError::stop ? "stop" : "dead_letter";
}

// A list, its elements on one line.
template <class T, class F>
void append_list(const char* name, const std::vector<T>& list, F append, std::string& out) {
  out += std::string(", \"") + name + "\": [";
  bool first = true;
  for (const T& element : list) {
    if (!first) out += ", ";
    first = false;
    append(element);
  }
  out += "]";
}

void append_stage(const Topology& topology, const StageSpec& spec, std::string& out) {
  out += "{\"name\": " + quoted(spec.name) + ", \"kind\": " + quoted(spec.kind);
  out += std::string(", \"role\": \"") + word_of(spec.role) + "\"";
  if (!spec.details.empty()) out += ", \"details\": " + quoted(spec.details);
  if (!spec.topic.empty()) out += ", \"topic\": " + quoted(spec.topic);
  if (spec.partitions > 0) out += ", \"partitions\": " + std::to_string(spec.partitions);
  if (spec.role == Role::source) out += ", \"idle_ms\": " + std::to_string(spec.idle.count());
  append_list(
      "inputs", spec.inputs,
      [&](const Edge& edge) {
        const StageSpec& from = topology.stages()[static_cast<std::size_t>(edge.from)];
        out += "{\"from\": " + quoted(from.name) + ", \"output\": " + std::to_string(edge.output) +
               ", \"port\": " + std::to_string(edge.port) + "}";
      },
      out);
  append_list(
      "stores", spec.stores,
      [&](const StoreSpec& store) {
        out += "{\"name\": " + quoted(store.name) + ", \"kind\": " + quoted(store.kind) +
               ", \"retention_ms\": " + std::to_string(store.retention.count()) + "}";
      },
      out);
  out += "}";
}

void append_json_part(const Topology& topology, std::size_t number, std::string& out) {
  const SubTopology& part = topology.sub_topologies()[number];
  out += "    {\"number\": " + std::to_string(number);
  append_list(
      "same_partitions", part.same_partitions,
      [&](const std::vector<std::string>& topics) {
        for (std::size_t at = 0; at < topics.size(); ++at) {
          out += (at == 0 ? "[" : ", ") + quoted(topics[at]);
        }
        out += "]";
      },
      out);
  out += ", \"stages\": [";
  for (std::size_t at = 0; at < part.stages.size(); ++at) {
    out += at == 0 ? "\n      " : ",\n      ";
    append_stage(topology, topology.stages()[static_cast<std::size_t>(part.stages[at])], out);
  }
  out += "\n    ]}";
}

}  // namespace

std::string describe_json(const Topology& topology) {
  std::string out = "{\n  \"sub_topologies\": [";
  for (std::size_t number = 0; number < topology.sub_topologies().size(); ++number) {
    out += number == 0 ? "\n" : ",\n";
    append_json_part(topology, number, out);
  }
  const ErrorPolicy& errors = topology.errors();
  out += "\n  ],\n  \"errors\": {\"dead_letters\": ";
  out += errors.dead_letters.empty() ? "null" : quoted(errors.dead_letters);
  out += std::string(", \"bad\": \"") + word_of(answer_to_bad(errors));
  out += std::string("\", \"unreadable\": \"") + word_of(answer_to_unreadable(errors));
  out += std::string("\", \"refused_by_sink\": \"") + word_of(answer_to_refused(errors));
  out += std::string("\", \"late\": \"") + word_of(answer_to_late(errors));
  out += "\", \"keep_duplicates\": ";
  out += errors.keep_duplicates ? "true" : "false";
  return out + "}\n}\n";
}

}  // namespace weir::topology
