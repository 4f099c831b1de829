#include "topology/describe.h"
#include <weir/windows.h>

namespace weir::topology {

namespace {

// One line stays one line, whatever a rule's text contains.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

std::string in_words(OnError answer, const std::string& dead_letters) {
  if (answer == OnError::drop) return "dropped";
  if (answer == OnError::stop) return "stop the job";
  return "to '" + dead_letters + "'";
}

std::string what_it_does(const StageSpec& spec) {
  std::string text = spec.kind;
  if (spec.role == Role::source) text = "source, reads '" + spec.topic + "'";
  if (spec.role == Role::sink) text = "sink, writes '" + spec.topic + "'";
  const bool repartition =
      spec.role == Role::repartition_read || spec.role == Role::repartition_write;
  if (repartition) {
    text = spec.role == Role::repartition_read ? "source, reads" : "sink, writes";
    text += " repartition topic '" + spec.topic + "'";
    if (spec.partitions == 1) text += " of 1 partition";
    if (spec.partitions > 1) text += " of " + std::to_string(spec.partitions) + " partitions";
  }
  if (!spec.details.empty()) text += " (" + spec.details + ")";
  if (spec.role == Role::source) {
    const bool never = spec.idle.count() == 0;
    text += never ? ", never idle" : ", idle after " + detail::in_words(spec.idle);
  }
  return text;
}

void append_stage(const Topology& topology, int at, const std::vector<Target>& targets,
                  std::string& out) {
  const StageSpec& spec = topology.stages()[static_cast<std::size_t>(at)];
  out += on_one_line("  " + spec.name + ": " + what_it_does(spec)) + "\n";
  bool ports = false;
  for (const Edge& edge : spec.inputs) ports = ports || edge.port > 0;
  for (const Edge& edge : spec.inputs) {
    out += "    <-- " + topology.stages()[static_cast<std::size_t>(edge.from)].name;
    if (ports) out += edge.port == 0 ? " (left)" : " (right)";
    out += "\n";
  }
  for (const Target& target : targets) {
    out += "    --> " + topology.stages()[static_cast<std::size_t>(target.to)].name;
    if (target.edge.output > 0) out += " (output " + std::to_string(target.edge.output) + ")";
    out += "\n";
  }
  for (const StoreSpec& store : spec.stores) {
    out += "    store " + store.name + ": " + store.kind;
    out += store.retention.count() == 0 ? "" : ", kept " + detail::in_words(store.retention);
    out += "\n";
  }
}

}  // namespace

std::string describe_text(const Topology& topology) {
  const auto targets = targets_of(topology);
  std::string out;
  for (std::size_t number = 0; number < topology.sub_topologies().size(); ++number) {
    const SubTopology& part = topology.sub_topologies()[number];
    out += "sub-topology " + std::to_string(number) + "\n";
    for (const int at : part.stages) {
      append_stage(topology, at, targets[static_cast<std::size_t>(at)], out);
    }
    for (const std::vector<std::string>& topics : part.same_partitions) {
      out += "  as many partitions each:";
      for (const std::string& topic : topics) out += " '" + topic + "'";
      out += "\n";
    }
    out += "\n";
  }
  const ErrorPolicy& errors = topology.errors();
  out += "errors\n";
  out += "  bad records: " + in_words(answer_to_bad(errors), errors.dead_letters) + "\n";
  if (answer_to_unreadable(errors) != answer_to_bad(errors)) {
    out += "  unreadable records: " + in_words(answer_to_unreadable(errors), errors.dead_letters);
    out += "\n";
  }
  out += "  late records: " + in_words(answer_to_late(errors), errors.dead_letters) + "\n";
  const bool kept = errors.keep_duplicates && !errors.dead_letters.empty();
  out += "  duplicates: ";
  out += in_words(kept ? OnError::dead_letter : OnError::drop, errors.dead_letters) + "\n";
  if (errors.sink == OnError::stop) out += "  results that sinks refuse: stop the job\n";
  return out;
}

}  // namespace weir::topology
