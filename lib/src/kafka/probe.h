// Questions to brokers for tools that look before a job runs. None of them changes anything there:
// rights are found out by requests that a broker checks for the right first and then refuses for
// something else that is wrong with them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "kafka/rdkafka_config.h"

namespace weir::kafka {

struct BrokerFacts {
  int id = 0;
  std::string address{};  // "host:port", as the brokers call it.
};

struct PartitionFacts {
  bool has_leader = false;
  int replicas = 0;
  int in_sync = 0;
};

// Requests that a broker understands: the first and the last version of each, by its key.
using ApiVersions = std::map<int, std::pair<int, int>>;

struct ClusterFacts {
  std::string id{};
  std::vector<BrokerFacts> brokers{};
  std::map<std::string, std::vector<PartitionFacts>> topics{};  // Those that one may see.
  ApiVersions versions{};  // Of a broker that was asked; empty: it did not say.
  double answer_seconds = 0;
};

// What a right is found to be; `why` in the broker's words where it is not `allowed`.
struct Right {
  enum class Is { allowed, denied, unknown };
  Is is = Is::unknown;
  std::string why{};
};

class Probe {
 public:
  virtual ~Probe() = default;

  virtual Reply<ClusterFacts> cluster() = 0;
  virtual Reply<Configs> broker_configs(int broker) = 0;

  // One answer for each topic, which has to exist. Nothing is taken from it: it is read at its end.
  virtual std::vector<Right> may_read(std::span<const std::string> topics) = 0;
  // A record that asks for a number of acknowledgements that there is not: no broker takes it.
  virtual std::vector<Right> may_write(std::span<const std::string> topics) = 0;
  // Asked for validation only. `unknown` when the topic exists.
  virtual Right may_create(const TopicSpec& topic) = 0;
  // Offsets of a partition that does not exist.
  virtual Right may_commit(const std::string& group, const std::string& topic) = 0;
  // A producer that wants transactions to last longer than any broker lets them.
  virtual Right may_transact(const std::string& transactional_id) = 0;
};

// kDenied: a setting that the client refuses. No broker is asked yet.
Reply<std::unique_ptr<Probe>> open_probe(const RdkafkaOptions& options);

// "2.0.2", of the client library that is there now.
std::string client_version();

// "Kafka 4.0 or later": the oldest that understands these; empty when they tell nothing.
std::string kafka_words(const ApiVersions& versions);
// Whether transactions can be fenced by the group's generation: without that there is no exactly
// once.
bool knows_group_fencing(const ApiVersions& versions);

// The versions in a line of librdkafka's log: "...ApiKey Produce (0) Versions 0..13".
bool read_api_line(std::string_view line, ApiVersions& into);

}  // namespace weir::kafka
