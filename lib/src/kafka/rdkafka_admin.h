// Administration on librdkafka. Every call waits for its answer, some seconds at most.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kafka/rdkafka_client.h"

namespace weir::kafka {

class RdAdmin final : public Admin {
 public:
  Outcome make(const RdkafkaOptions& options);

  Reply<std::vector<std::string>> topics() override;
  Reply<std::vector<std::int32_t>> partitions(std::span<const std::string> topics) override;
  Reply<Configs> configs(const std::string& topic) override;
  Reply<std::vector<Outcome>> create_topics(std::span<const TopicSpec> specs) override;
  Outcome grow_topic(const std::string& topic, std::int32_t partitions) override;
  Reply<std::vector<Outcome>> delete_topics(std::span<const std::string> topics) override;
  Outcome delete_records(std::span<const Position> before) override;
  Reply<std::vector<std::int64_t>> begin_offsets(std::span<const Partition> partitions) override;
  Reply<std::vector<std::int64_t>> end_offsets(std::span<const Partition> partitions,
                                               Isolation isolation) override;
  Reply<std::vector<std::int64_t>> offsets_at(std::span<const Partition> partitions,
                                              Timestamp time) override;
  Reply<std::vector<Position>> committed(const std::string& group,
                                         std::span<const Partition> partitions) override;
  Reply<std::vector<Position>> committed(const std::string& group) override;
  Reply<GroupState> group(const std::string& group) override;
  Outcome delete_group(const std::string& group) override;

 private:
  // Sends a request that answers to the queue it is given, and waits.
  Reply<RdEvent> ask(const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& request);
  // All topics: asking for one by name can create it.
  Reply<RdMetadata> metadata();
  Reply<std::vector<std::int64_t>> list_offsets(const RdClient& client,
                                                std::span<const Partition> partitions,
                                                std::int64_t at);
  // Whether the topics that were made have leaders.
  bool are_ready(std::span<const TopicSpec> specs, const std::vector<Outcome>& outcomes);

  RdClient client_;       // Sees committed records alone.
  RdClient uncommitted_;  // Sees all.
};

}  // namespace weir::kafka
