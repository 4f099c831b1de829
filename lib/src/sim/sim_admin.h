// A kafka::Admin of the simulated cluster.
#pragma once

#include <string>
#include <vector>

#include "kafka/client.h"
#include "sim/link.h"

namespace weir::sim {

class SimAdmin final : public kafka::Admin {
 public:
  explicit SimAdmin(Link& link) : link_(link) {}

  kafka::Reply<std::vector<std::string>> topics() override;
  kafka::Reply<std::vector<std::int32_t>> partitions(std::span<const std::string> topics) override;
  kafka::Reply<kafka::Configs> configs(const std::string& topic) override;
  kafka::Reply<std::vector<kafka::Outcome>> create_topics(
      std::span<const kafka::TopicSpec> specs) override;
  kafka::Outcome grow_topic(const std::string& topic, std::int32_t partitions) override;
  kafka::Reply<std::vector<kafka::Outcome>> delete_topics(
      std::span<const std::string> topics) override;
  kafka::Outcome delete_records(std::span<const kafka::Position> before) override;
  kafka::Reply<std::vector<std::int64_t>> begin_offsets(
      std::span<const kafka::Partition> partitions) override;
  kafka::Reply<std::vector<std::int64_t>> end_offsets(std::span<const kafka::Partition> partitions,
                                                      kafka::Isolation isolation) override;
  kafka::Reply<std::vector<std::int64_t>> offsets_at(std::span<const kafka::Partition> partitions,
                                                     Timestamp time) override;
  kafka::Reply<std::vector<kafka::Position>> committed(
      const std::string& group, std::span<const kafka::Partition> partitions) override;
  kafka::Reply<std::vector<kafka::Position>> committed(const std::string& group) override;
  kafka::Reply<kafka::GroupState> group(const std::string& group) override;
  kafka::Outcome delete_group(const std::string& group) override;

 private:
  // Not ok: the request did not come back.
  kafka::Outcome ask();
  template <class Of>
  kafka::Reply<std::vector<std::int64_t>> of_logs(std::span<const kafka::Partition> partitions,
                                                  Of of);

  Link& link_;
};

}  // namespace weir::sim
