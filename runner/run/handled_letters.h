// Which dead letters of a job were replayed or dropped. Kept in a compacted topic of the job's, and
// written in the very transactions that replay: a letter is replayed and remembered, or neither.
//
//   <job>-dlq-handled   key    <dead-letter topic> "/" partition "/" block
//                       value  { varint(offset - block * kBlock) fingerprint }*, by offset
//                              fingerprint: 4 bytes, big endian, of DeadLetter
//                       null   all of the block was deleted with the letters themselves
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "run/dead_letters.h"

namespace weir::run {

class HandledLetters {
 public:
  static constexpr std::int64_t kBlock = 1024;

  HandledLetters(const std::string& job, std::string dead_letters)
      : topic_(job + "-dlq-handled"), dead_letters_(std::move(dead_letters)) {}

  const std::string& topic() const { return topic_; }
  // Reads what is remembered. No topic: nothing is.
  kafka::Outcome load(kafka::Cluster& cluster);
  // Makes the topic when it is missing.
  kafka::Outcome make(kafka::Cluster& cluster) const;

  bool contains(const DeadLetter& letter) const;
  void add(const DeadLetter& letter);
  std::size_t size() const;

  // Records that say what was added since they were taken last; without a value, what may be
  // forgotten since no letter lies before `begins`.
  std::vector<std::pair<std::string, std::optional<std::string>>> take_changes(
      const std::vector<std::int64_t>& begins);

 private:
  using Place = std::pair<std::int32_t, std::int64_t>;  // Partition and block.
  using Block = std::map<std::int64_t, std::uint32_t>;  // Offset and fingerprint.

  void read(std::string_view key, std::optional<std::string_view> value);
  std::string key_of(const Place& place) const;

  const std::string topic_;
  const std::string dead_letters_;
  std::map<Place, Block> blocks_;
  std::set<Place> changed_;
};

}  // namespace weir::run
