#include "sim/sim_admin.h"

#include <utility>

namespace weir::sim {

using kafka::Fault;
using kafka::Outcome;
using kafka::Partition;
using kafka::Position;
using kafka::Reply;

Outcome SimAdmin::ask() {
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kAdmin);
  return ride.arrives() && ride.returns() ? Outcome{} : ride.lost();
}

Reply<std::vector<std::string>> SimAdmin::topics() {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<std::string> names;
  for (const auto& [name, topic] : link_.cluster.topics().all()) names.push_back(name);
  return names;
}

Reply<std::vector<std::int32_t>> SimAdmin::partitions(std::span<const std::string> topics) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<std::int32_t> counts;
  for (const std::string& name : topics) {
    counts.push_back(link_.cluster.topics().partition_count(name));
  }
  return counts;
}

Reply<kafka::Configs> SimAdmin::configs(const std::string& topic) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  const Topic* found = link_.cluster.topics().find(topic);
  if (found == nullptr) return Outcome{Fault::kMissing, topic + " does not exist"};
  return found->configs;
}

Reply<std::vector<Outcome>> SimAdmin::create_topics(std::span<const kafka::TopicSpec> specs) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<Outcome> outcomes;
  for (const kafka::TopicSpec& spec : specs) {
    outcomes.push_back(link_.cluster.topics().create(spec));
  }
  return outcomes;
}

Outcome SimAdmin::grow_topic(const std::string& topic, std::int32_t partitions) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  return link_.cluster.topics().grow(topic, partitions);
}

Reply<std::vector<Outcome>> SimAdmin::delete_topics(std::span<const std::string> topics) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<Outcome> outcomes;
  for (const std::string& name : topics) outcomes.push_back(link_.cluster.topics().remove(name));
  return outcomes;
}

Outcome SimAdmin::delete_records(std::span<const Position> before) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  for (const Position& position : before) {
    Log* log = link_.cluster.topics().find(position.partition);
    if (log == nullptr) return {Fault::kMissing, position.partition.topic + " does not exist"};
    if (position.offset > log->end()) return {Fault::kDenied, "offset out of range"};
    log->delete_before(position.offset);
  }
  return {};
}

template <class Of>
Reply<std::vector<std::int64_t>> SimAdmin::of_logs(std::span<const Partition> partitions, Of of) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<std::int64_t> offsets;
  for (const Partition& partition : partitions) {
    const Log* log = link_.cluster.topics().find(partition);
    if (log == nullptr) return Outcome{Fault::kMissing, partition.topic + " does not exist"};
    offsets.push_back(of(*log));
  }
  return offsets;
}

Reply<std::vector<std::int64_t>> SimAdmin::begin_offsets(std::span<const Partition> partitions) {
  return of_logs(partitions, [](const Log& log) { return log.begin(); });
}

Reply<std::vector<std::int64_t>> SimAdmin::end_offsets(std::span<const Partition> partitions,
                                                       kafka::Isolation isolation) {
  return of_logs(partitions, [&](const Log& log) { return log.end(isolation); });
}

Reply<std::vector<std::int64_t>> SimAdmin::offsets_at(std::span<const Partition> partitions,
                                                      Timestamp time) {
  return of_logs(partitions, [&](const Log& log) { return log.offset_at(time); });
}

Reply<std::vector<Position>> SimAdmin::committed(const std::string& group,
                                                 std::span<const Partition> partitions) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  const Group* found = link_.cluster.find_group(group);
  std::vector<Position> positions;
  for (const Partition& partition : partitions) {
    positions.push_back({partition});
    if (found == nullptr) continue;
    const auto at = found->offsets().find(partition);
    if (at != found->offsets().end()) positions.back() = at->second;
  }
  return positions;
}

Reply<std::vector<Position>> SimAdmin::committed(const std::string& group) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  std::vector<Position> positions;
  const Group* found = link_.cluster.find_group(group);
  if (found == nullptr) return positions;
  for (const auto& [partition, position] : found->offsets()) positions.push_back(position);
  return positions;
}

Reply<kafka::GroupState> SimAdmin::group(const std::string& group) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  const Group* found = link_.cluster.find_group(group);
  if (found == nullptr) return kafka::GroupState{.state = "Dead"};
  kafka::GroupState state{.state = std::string(found->state())};
  for (const auto& [id, member] : found->members()) {
    state.members.push_back({member.client_id, member.instance, "/127.0.0.1", member.partitions});
  }
  return state;
}

Outcome SimAdmin::delete_group(const std::string& group) {
  if (Outcome lost = ask(); !lost.ok()) return lost;
  const Group* found = link_.cluster.find_group(group);
  if (found == nullptr) return {Fault::kMissing, "no such group"};
  if (!found->members().empty()) return {Fault::kDenied, "the group has members"};
  link_.cluster.groups().erase(group);
  return {};
}

}  // namespace weir::sim
