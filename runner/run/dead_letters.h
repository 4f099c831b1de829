// The dead letters of a job: read from their topic, and understood.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include <weir/time.h>

namespace weir::run {

// One of them. Views are valid while it is visited.
struct DeadLetter {
  std::int32_t partition = 0;  // Where it lies.
  std::int64_t offset = 0;
  Timestamp time = 0;  // The record's own, as it was.
  std::optional<std::string_view> key{};
  std::optional<std::string_view> value{};
  std::vector<Header> headers{};  // The record's own, in order, repeats kept.

  // What weir wrote behind them; empty and -1 where it was somebody else who wrote the letter.
  std::string_view reason{};
  std::string_view step{};
  std::string_view message{};
  std::string_view topic{};  // Where the record came from.
  std::int32_t from_partition = -1;
  std::int64_t from_offset = -1;

  bool is_ours() const { return !reason.empty() && !topic.empty(); }
  // Tells it from another one that lies at the same offset of a topic that was made anew.
  std::uint32_t fingerprint() const;
};

// Takes weir's headers off the end of `all`.
void read_letter_headers(Headers all, DeadLetter& letter);

// The letters of a topic up to the end that it had when this was made.
class DeadLetters {
 public:
  // kMissing: there is no such topic. REQUIRES: `cluster` outlives it.
  static kafka::Reply<DeadLetters> open(kafka::Cluster& cluster, const std::string& topic);

  // `visit` returns whether to go on. Each partition in its order.
  kafka::Outcome each(const std::function<bool(const DeadLetter&)>& visit);

  // The first offset that is still there, by partition.
  const std::vector<std::int64_t>& begins() const { return begins_; }
  std::int64_t count() const;  // About: between the first and the end.

 private:
  kafka::Cluster* cluster_ = nullptr;
  std::vector<kafka::Partition> partitions_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> ends_;
};

// Reads what lies between `begins` and `ends`; `visit` returns whether to go on.
kafka::Outcome read_between(
    kafka::Cluster& cluster, const std::vector<kafka::Partition>& partitions,
    const std::vector<std::int64_t>& begins, const std::vector<std::int64_t>& ends,
    const std::function<bool(std::size_t at, const kafka::Incoming&, Headers)>& visit);

}  // namespace weir::run
