// Writes records to topics, for tools: no transactions, nothing kept.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"

namespace weir::run {

class TopicWriter {
 public:
  // Makes the topics that are missing. REQUIRES: `cluster` outlives this.
  static kafka::Reply<std::unique_ptr<TopicWriter>> open(kafka::Cluster& cluster,
                                                         const std::vector<std::string>& topics,
                                                         int partitions);

  // `topic`: its place in the list. Waits while the queue is full.
  kafka::Outcome write(std::size_t topic, const std::optional<std::string>& key,
                       std::string_view value, Timestamp time);
  void poll() { producer_->poll(); }
  // Until the brokers have everything.
  kafka::Outcome finish();
  const std::vector<std::string>& made() const { return made_; }  // Topics.
  std::uint64_t refused() const { return refused_; }

 private:
  TopicWriter() = default;

  std::unique_ptr<kafka::Producer> producer_;
  std::vector<kafka::TopicId> ids_;
  std::vector<std::string> made_;
  std::uint64_t refused_ = 0;
};

}  // namespace weir::run
