#include "sim/sim_consumer.h"

#include <utility>

#include <weir/error.h>

namespace weir::sim {
namespace {

// The brokers' group.min.session.timeout.ms.
constexpr Duration kSessionMin{1'000};

}  // namespace

using kafka::Event;
using kafka::Fault;
using kafka::Outcome;
using kafka::Position;
using kafka::Reply;

SimConsumer::SimConsumer(Link& link, const kafka::ConsumerOptions& options)
    : link_(link), options_(options), fetcher_(link, options.isolation) {
  membership_ = {options.group, {}, options.instance_id, 0};
}

std::span<const Event> SimConsumer::poll(Duration) {
  events_.clear();
  if (state_ == State::kFailed || state_ == State::kClosed) return events_;
  const Timestamp now = link_.cluster.now();
  if (!link_.is_up()) {
    // The client counts its own session: after it, somebody else may own the partitions.
    const bool silent = now > later(last_answer_, options_.session_timeout);
    if (state_ == State::kMember && silent) lose("no broker answered for a session");
    return events_;
  }
  last_answer_ = now;
  if (options_.session_timeout < kSessionMin) {
    fail({Fault::kDenied, "the session timeout is shorter than the brokers allow"});
    return events_;
  }
  if (state_ == State::kOut) join();
  follow_group();
  tell_missing_topics();
  fetcher_.take_events(events_);
  return events_;
}

void SimConsumer::join() {
  membership_.member = link_.cluster.group(options_.group)
                           .join({.instance = options_.instance_id,
                                  .client_id = options_.client_id,
                                  .topics = options_.topics,
                                  .session_timeout = options_.session_timeout},
                                 link_.cluster.now());
  state_ = State::kJoining;
}

void SimConsumer::follow_group() {
  Group& group = link_.cluster.group(options_.group);
  switch (group.heartbeat(membership_, link_.cluster.now())) {
    case Group::Standing::kFenced:
      return fail({Fault::kFenced, "another client has the instance id " + options_.instance_id});
    case Group::Standing::kUnknown:
      if (state_ == State::kJoining) state_ = State::kOut;
      if (state_ == State::kMember) lose("not a member of the group");
      if (state_ == State::kReleasing) lost_ = true;
      return;
    case Group::Standing::kWaiting:
      return;
    case Group::Standing::kRebalancing:
      if (state_ == State::kJoining) group.rejoin(membership_.member, link_.cluster.now());
      if (state_ != State::kMember) break;
      if (partitions_.empty()) {  // Nothing to give back: it joins again at once.
        state_ = State::kJoining;
        group.rejoin(membership_.member, link_.cluster.now());
        break;
      }
      state_ = State::kReleasing;
      lost_ = false;
      events_.push_back({Event::Kind::kRevoked, partitions_});
      return;
    case Group::Standing::kMember:
      break;
  }
  if (group.standing(membership_) == Group::Standing::kMember) become_member();
}

void SimConsumer::become_member() {
  const Group& group = link_.cluster.group(options_.group);
  if (state_ != State::kJoining) return;
  state_ = State::kMember;
  membership_.generation = group.generation();
  partitions_ = group.partitions(membership_.member);
  events_.push_back({Event::Kind::kAssigned, partitions_});
}

void SimConsumer::lose(const std::string& why) {
  state_ = State::kReleasing;
  lost_ = true;
  events_.push_back({Event::Kind::kLost, partitions_, {Fault::kStale, why}});
}

void SimConsumer::fail(const Outcome& why) {
  if (state_ == State::kMember) events_.push_back({Event::Kind::kLost, partitions_, why});
  state_ = State::kFailed;
  events_.push_back({Event::Kind::kFailed, {}, why});
}

void SimConsumer::tell_missing_topics() {
  for (const std::string& topic : options_.topics) {
    if (link_.cluster.topics().find(topic) != nullptr) {
      missing_.erase(topic);
    } else if (missing_.insert(topic).second) {
      events_.push_back(
          {Event::Kind::kTopicMissing, {{topic, 0}}, {Fault::kMissing, topic + " does not exist"}});
    }
  }
}

void SimConsumer::accept(std::span<const kafka::Start> starts) {
  // A member without partitions joins the next round unasked: its answer may come after that.
  if (starts.empty() && state_ == State::kJoining) return;
  check(state_ == State::kMember, "accept: nothing was assigned");
  fetcher_.clear();
  for (const kafka::Start& start : starts) fetcher_.start(start);
}

void SimConsumer::release() {
  fetcher_.clear();
  partitions_.clear();
  if (state_ != State::kReleasing) return;
  if (lost_ || !link_.is_up()) {
    state_ = State::kOut;
    return;
  }
  state_ = State::kJoining;
  link_.cluster.group(options_.group).rejoin(membership_.member, link_.cluster.now());
}

Reply<std::vector<Position>> SimConsumer::committed(std::span<const kafka::Partition> partitions,
                                                    Duration) {
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kCommitted);
  if (!ride.arrives() || !ride.returns()) return ride.lost();
  const Group& group = link_.cluster.group(options_.group);
  std::vector<Position> found;
  for (const kafka::Partition& partition : partitions) {
    if (options_.isolation == kafka::Isolation::kReadCommitted && group.is_pending(partition)) {
      return Outcome{Fault::kRetriable, "unstable offset commit"};
    }
    const auto at = group.offsets().find(partition);
    found.push_back(at == group.offsets().end() ? Position{partition} : at->second);
  }
  return found;
}

Outcome SimConsumer::commit(std::span<const Position> positions, Duration) {
  if (!link_.is_up()) return link_.unreachable();
  const Ride ride(link_.cluster.faults(), Call::kCommitOffsets);
  if (!ride.arrives()) return ride.lost();
  Group& group = link_.cluster.group(options_.group);
  if (membership_.member.empty()) return {Fault::kStale, "not a member of the group"};
  if (Outcome refused = group.check_commit(membership_); !refused.ok()) return refused;
  for (const Position& position : positions) group.commit(position);
  return ride.returns() ? Outcome{} : ride.lost();
}

std::string SimConsumer::group_metadata() const {
  return membership_.member.empty() ? std::string() : membership_.to_bytes();
}

void SimConsumer::close(Duration) {
  const bool may_leave = options_.instance_id.empty() && !membership_.member.empty();
  if (may_leave && link_.is_up() && state_ != State::kFailed) {
    link_.cluster.group(options_.group).leave(membership_.member, link_.cluster.now());
  }
  fetcher_.clear();
  state_ = State::kClosed;
}

}  // namespace weir::sim
