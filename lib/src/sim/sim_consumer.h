// A member of a consumer group of the simulated cluster. Destroyed without close() it is as dead as
// after SIGKILL: the group waits for its session to end.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "sim/fetcher.h"
#include "sim/group.h"

namespace weir::sim {

class SimConsumer final : public kafka::Consumer {
 public:
  SimConsumer(Link& link, const kafka::ConsumerOptions& options);

  std::span<const kafka::Event> poll(Duration wait) override;
  kafka::Batch read(kafka::Slot slot, std::size_t max) override { return fetcher_.read(slot, max); }
  Headers headers(const kafka::Incoming& record) override { return fetcher_.headers(record); }
  void seek(kafka::Slot slot, std::int64_t offset) override { fetcher_.seek(slot, offset); }
  std::int64_t end_offset(kafka::Slot slot) const override { return fetcher_.end_offset(slot); }

  void accept(std::span<const kafka::Start> starts) override;
  void release() override;
  kafka::Reply<std::vector<kafka::Position>> committed(std::span<const kafka::Partition> partitions,
                                                       Duration wait) override;
  kafka::Outcome commit(std::span<const kafka::Position> positions, Duration wait) override;
  std::string group_metadata() const override;
  void close(Duration wait) override;

 private:
  enum class State : std::uint8_t {
    kOut,        // No member: joins at the next poll.
    kJoining,    // Has joined, waits for the others.
    kMember,     // Has its partitions.
    kReleasing,  // Was told to release them.
    kFailed,
    kClosed,
  };

  void join();
  void follow_group();
  void become_member();
  void lose(const std::string& why);
  void fail(const kafka::Outcome& why);
  void tell_missing_topics();

  Link& link_;
  const kafka::ConsumerOptions options_;
  Fetcher fetcher_;
  State state_ = State::kOut;
  bool lost_ = false;
  Membership membership_;
  std::vector<kafka::Partition> partitions_;
  Timestamp last_answer_ = 0;
  std::set<std::string> missing_;  // Topics that were told to be missing.
  std::vector<kafka::Event> events_;
};

}  // namespace weir::sim
