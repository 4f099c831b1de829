#include "engine/until_end.h"

#include <algorithm>

#include "engine/names.h"

namespace weir::engine {

UntilEnd::UntilEnd(const Topology& topology, const Layout& layout, std::string job)
    : layout_(layout), job_(std::move(job)) {
  find_levels(topology);
}

// Stages come upstream first, so a sub-topology's inputs are known before what it writes.
void UntilEnd::find_levels(const Topology& topology) {
  std::map<int, int> level_of;         // Of a sub-topology: the highest of its inputs.
  std::map<std::string, int> written;  // Of a repartition topic.
  // As often as there are sub-topologies: then every chain of them was followed to its end.
  for (std::size_t round = 0; round <= topology.sub_topologies().size(); ++round) {
    for (std::size_t at = 0; at < topology.stages().size(); ++at) {
      const StageSpec& spec = topology.stages()[at];
      int& level = level_of[topology.sub_topology_of(static_cast<int>(at))];
      const std::string internal = repartition_topic(job_, spec.topic);
      if (spec.role == Role::source) topics_[spec.topic] = {spec.topic};
      if (spec.role == Role::repartition_read) level = std::max(level, written[internal]);
      if (spec.role == Role::repartition_write) {
        written[internal] = std::max(written[internal], level + 1);
      }
    }
  }
  for (const auto& [topic, level] : written) topics_[topic] = {topic, level};
}

bool UntilEnd::remember(Topic& topic, kafka::Admin& admin) const {
  if (!topic.ends.empty()) return true;
  std::vector<kafka::Partition> partitions;
  for (int i = 0; i < layout_.partitions.at(topic.name); ++i) partitions.push_back({topic.name, i});
  // Also what is not committed yet: whoever writes it began before us.
  auto ends = admin.end_offsets(partitions, kafka::Isolation::kReadUncommitted);
  if (!ends.ok()) return false;
  topic.ends = std::move(ends.value);
  return true;
}

bool UntilEnd::reached(kafka::Admin& admin) {
  int level = 0;
  for (const auto& [name, topic] : topics_) level = std::max(level, topic.level);
  const int levels = level;
  // Sources are remembered at once, whatever becomes of the first question about the group.
  for (auto& [name, topic] : topics_) {
    if (topic.level == 0 && !remember(topic, admin)) return false;
  }
  for (level = 0; level <= levels; ++level) {
    const auto at_level = [&](const auto& entry) {
      return entry.second.level != level || entry.second.done;
    };
    if (std::all_of(topics_.begin(), topics_.end(), at_level)) continue;
    for (auto& [name, topic] : topics_) {
      if (topic.level == level && !remember(topic, admin)) return false;
    }
    const auto committed = admin.committed(job_);
    if (!committed.ok()) return false;
    std::map<kafka::Partition, std::int64_t> offsets;
    for (const kafka::Position& position : committed.value) {
      offsets[position.partition] = position.offset;
    }
    for (auto& [name, topic] : topics_) {
      if (topic.level != level) continue;
      for (std::size_t i = 0; i < topic.ends.size(); ++i) {
        const auto found = offsets.find({name, static_cast<std::int32_t>(i)});
        const std::int64_t offset = found == offsets.end() ? 0 : found->second;
        if (offset < topic.ends[i]) return false;
      }
      topic.done = true;
    }
  }
  return true;
}

}  // namespace weir::engine
