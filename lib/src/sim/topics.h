// The topics of the simulated cluster: partitions, configs, and what the brokers refuse to write.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "kafka/client.h"
#include "sim/group.h"
#include "sim/log.h"
#include <weir/time.h>

namespace weir::sim {

struct Topic {
  std::deque<Log> logs{};  // By partition; stays in place when the topic grows.
  kafka::Configs configs{};
  std::set<std::int32_t> still{};  // Partitions that stand still.

  // kTooLarge, kBadTimestamp or ok. `now` is the brokers' clock.
  kafka::Outcome check_record(const SimRecord& record, Timestamp now) const;
  std::int64_t config(std::string_view name) const;
};

class Topics final : public TopicCounts {
 public:
  // kExists, kDenied (a config that Kafka does not know, no partitions).
  kafka::Outcome create(const kafka::TopicSpec& spec);
  kafka::Outcome grow(const std::string& topic, std::int32_t partitions);
  kafka::Outcome remove(const std::string& topic);

  Topic* find(const std::string& topic);
  const Topic* find(const std::string& topic) const;
  Log* find(const kafka::Partition& partition);
  std::int32_t partition_count(const std::string& topic) const override;
  std::map<std::string, Topic>& all() { return topics_; }

 private:
  std::map<std::string, Topic> topics_;
};

}  // namespace weir::sim
