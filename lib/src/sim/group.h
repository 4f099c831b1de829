// The coordinator of one consumer group: classic protocol, eager rebalances, `range` assignment.
//
// A rebalance begins when a member joins or leaves, dies, or a topic grows. Every member must
// release what it has and join again; those that do not in time are dropped. When all have joined,
// the generation rises by one and everybody gets a new assignment.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"
#include <weir/time.h>

namespace weir::sim {

// What assignment needs to know of topics.
class TopicCounts {
 public:
  virtual ~TopicCounts() = default;
  virtual std::int32_t partition_count(const std::string& topic) const = 0;  // 0: no such topic.
};

// Who a member says it is: what a client keeps, and what travels as group metadata.
struct Membership {
  std::string group{};
  std::string member{};
  std::string instance{};  // Empty: dynamic.
  std::int32_t generation = 0;

  std::string to_bytes() const;
  // False: not the bytes of a membership.
  static bool from_bytes(std::string_view bytes, Membership& into);
};

class Group {
 public:
  struct Member {
    std::string instance{};
    std::string client_id{};
    std::vector<std::string> topics{};
    Duration session_timeout{};
    Timestamp last_seen = 0;
    bool joined = false;  // Takes part in the rebalance under way.
    std::vector<kafka::Partition> partitions{};
  };

  explicit Group(const TopicCounts& topics) : topics_(topics) {}

  // A new member, or a static one that takes its place again: then nobody else notices. Returns
  // the member id. The client calls standing() until it is kMember.
  std::string join(const Member& as, Timestamp now);
  // A member joins again after it released its partitions.
  void rejoin(const std::string& member, Timestamp now);
  void leave(const std::string& member, Timestamp now);

  enum class Standing {
    kMember,       // partitions() are this member's.
    kWaiting,      // It has joined, others have not.
    kRebalancing,  // It has to release its partitions and to join again.
    kUnknown,      // Dropped.
    kFenced,       // Another client took its instance id.
  };
  // A heartbeat.
  Standing heartbeat(const Membership& from, Timestamp now);
  // The same without a sign of life.
  Standing standing(const Membership& from) const;

  const std::vector<kafka::Partition>& partitions(const std::string& member) const;
  std::int32_t generation() const { return generation_; }
  const std::map<std::string, Member>& members() const { return members_; }
  std::string_view state() const;

  // Drops members that have been silent, and ends a rebalance that nobody else will join.
  void advance(Timestamp now);
  // The coordinator comes back after an outage: every session starts afresh.
  void restart_sessions(Timestamp now);
  // Drops a member as if its session had ended.
  void drop(const std::string& member, Timestamp now);

  // May this member commit now? kStale, kFenced or ok. Members of a rebalance still may, until it
  // is complete. A Membership without a member is always accepted, as Kafka does: see
  // kafka-broker facts; weir never sends one.
  kafka::Outcome check_commit(const Membership& from) const;
  void commit(const kafka::Position& position) { offsets_[position.partition] = position; }
  const std::map<kafka::Partition, kafka::Position>& offsets() const { return offsets_; }

  // Offsets that an open transaction will move.
  void add_pending(const kafka::Partition& partition) { pending_.insert(partition); }
  void remove_pending(const kafka::Partition& partition);
  bool is_pending(const kafka::Partition& partition) const { return pending_.contains(partition); }

 private:
  void begin_rebalance(Timestamp now);
  void complete_if_all_joined();
  void assign_range();
  bool topics_changed() const;

  const TopicCounts& topics_;
  std::map<std::string, Member> members_;           // By member id.
  std::map<std::string, std::string> by_instance_;  // Instance id to member id.
  std::map<std::string, std::int32_t> counts_;      // Partitions at the last assignment.
  std::int32_t generation_ = 0;
  std::uint64_t next_member_ = 1;
  bool rebalancing_ = false;
  Timestamp rebalance_began_ = 0;
  std::map<kafka::Partition, kafka::Position> offsets_;
  std::multiset<kafka::Partition> pending_;
};

}  // namespace weir::sim
