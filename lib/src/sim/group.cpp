#include "sim/group.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir::sim {
namespace {

// max.poll.interval.ms: how long a member may take to join again.
constexpr Duration kRebalanceTimeout{300'000};

using kafka::Fault;
using kafka::Outcome;

std::string take_field(std::string_view& bytes) {
  const std::size_t end = bytes.find('\0');
  std::string field(bytes.substr(0, end));
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  return field;
}

}  // namespace

std::string Membership::to_bytes() const {
  std::string bytes = std::to_string(generation);
  for (const std::string* field : {&group, &member, &instance}) {
    bytes.push_back('\0');
    bytes += *field;
  }
  return bytes;
}

bool Membership::from_bytes(std::string_view bytes, Membership& into) {
  if (std::count(bytes.begin(), bytes.end(), '\0') != 3) return false;
  const std::string generation = take_field(bytes);
  const char* end = generation.data() + generation.size();
  if (std::from_chars(generation.data(), end, into.generation).ptr != end) return false;
  into.group = take_field(bytes);
  into.member = take_field(bytes);
  into.instance = take_field(bytes);
  return true;
}

std::string Group::join(const Member& as, Timestamp now) {
  std::string id =
      (as.instance.empty() ? "member-" : as.instance + "-") + std::to_string(next_member_++);
  Member member = as;
  member.last_seen = now;
  member.joined = true;
  const auto old = by_instance_.find(as.instance);
  if (as.instance.empty() || old == by_instance_.end()) {
    if (!as.instance.empty()) by_instance_[as.instance] = id;
    members_[id] = std::move(member);
    begin_rebalance(now);
    members_[id].joined = true;
  } else {
    // The new life of a static member. Its old member id is known to nobody any more.
    Member& before = members_.at(old->second);
    const bool same_topics = before.topics == as.topics;
    member.partitions = std::move(before.partitions);
    members_.erase(old->second);
    old->second = id;
    members_[id] = std::move(member);
    if (!same_topics && !rebalancing_) {
      begin_rebalance(now);
      members_[id].joined = true;
    }
  }
  complete_if_all_joined();
  return id;
}

void Group::rejoin(const std::string& member, Timestamp now) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  found->second.last_seen = now;
  if (!rebalancing_) begin_rebalance(now);
  found->second.joined = true;
  complete_if_all_joined();
}

void Group::leave(const std::string& member, Timestamp now) { drop(member, now); }

void Group::drop(const std::string& member, Timestamp now) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  if (!found->second.instance.empty()) by_instance_.erase(found->second.instance);
  members_.erase(found);
  if (!rebalancing_) begin_rebalance(now);
  complete_if_all_joined();
}

void Group::begin_rebalance(Timestamp now) {
  if (!rebalancing_) {
    rebalancing_ = true;
    rebalance_began_ = now;
    for (auto& [id, member] : members_) member.joined = false;
  }
}

void Group::complete_if_all_joined() {
  if (!rebalancing_) return;
  for (const auto& [id, member] : members_) {
    if (!member.joined) return;
  }
  rebalancing_ = false;
  ++generation_;
  assign_range();
}

void Group::assign_range() {
  counts_.clear();
  std::map<std::string, std::vector<Member*>> subscribers;
  std::vector<std::pair<std::string, Member*>> order;
  for (auto& [id, member] : members_) {
    member.partitions.clear();
    order.emplace_back(member.instance.empty() ? id : member.instance, &member);
  }
  std::sort(order.begin(), order.end());
  for (auto& [name, member] : order) {
    for (const std::string& topic : member->topics) subscribers[topic].push_back(member);
  }
  for (auto& [topic, members] : subscribers) {
    const std::int32_t count = topics_.partition_count(topic);
    counts_[topic] = count;
    const auto size = static_cast<std::int32_t>(members.size());
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < size; ++i) {
      const std::int32_t share = count / size + (i < count % size ? 1 : 0);
      for (std::int32_t j = 0; j < share; ++j) {
        members[static_cast<std::size_t>(i)]->partitions.push_back({topic, next++});
      }
    }
  }
}

bool Group::topics_changed() const {
  for (const auto& [topic, count] : counts_) {
    if (topics_.partition_count(topic) != count) return true;
  }
  return false;
}

Group::Standing Group::standing(const Membership& from) const {
  const auto found = members_.find(from.member);
  if (found == members_.end()) {
    const bool taken = !from.instance.empty() && by_instance_.contains(from.instance);
    return taken ? Standing::kFenced : Standing::kUnknown;
  }
  if (!rebalancing_) {
    return Standing::kMember;
  }
  return found->second.joined ? Standing::kWaiting : Standing::kRebalancing;
}

Group::Standing Group::heartbeat(const Membership& from, Timestamp now) {
  advance(now);
  const auto found = members_.find(from.member);
  if (found != members_.end()) {
    found->second.last_seen = now;
    if (!rebalancing_ && topics_changed()) begin_rebalance(now);
  }
  return standing(from);
}

const std::vector<kafka::Partition>& Group::partitions(const std::string& member) const {
  return members_.at(member).partitions;
}

std::string_view Group::state() const {
  if (members_.empty()) return offsets_.empty() ? "Dead" : "Empty";
  return rebalancing_ ? "PreparingRebalance" : "Stable";
}

void Group::advance(Timestamp now) {
  std::vector<std::string> silent;
  for (const auto& [id, member] : members_) {
    const bool too_slow =
        rebalancing_ && !member.joined && now > later(rebalance_began_, kRebalanceTimeout);
    if (too_slow || now > later(member.last_seen, member.session_timeout)) silent.push_back(id);
  }
  for (const std::string& id : silent) drop(id, now);
}

void Group::restart_sessions(Timestamp now) {
  for (auto& [id, member] : members_) member.last_seen = now;
  rebalance_began_ = now;
}

Outcome Group::check_commit(const Membership& from) const {
  if (from.member.empty()) return {};
  switch (standing(from)) {
    case Standing::kFenced:
      return {Fault::kFenced, "another client has the instance id " + from.instance};
    case Standing::kUnknown:
      return {Fault::kStale, "not a member of the group"};
    default:
      break;
  }
  if (from.generation != generation_) return {Fault::kStale, "illegal generation"};
  return {};
}

void Group::remove_pending(const kafka::Partition& partition) {
  const auto found = pending_.find(partition);
  if (found != pending_.end()) pending_.erase(found);
}

}  // namespace weir::sim
