#include "kafka/demo_cluster.h"

#include <utility>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/rdkafka_client.h"

namespace weir::kafka {
namespace {

// The mock makes a group wait for its session timeout less a second at every rebalance.
constexpr Duration kSession{3'000};

Outcome not_here() { return {Fault::kDenied, "the demonstration brokers cannot do that"}; }

// What the mock answers, it answers itself; topics are made through its own interface.
class DemoAdmin final : public Admin {
 public:
  DemoAdmin(std::unique_ptr<Admin> asked, rd_kafka_mock_cluster_t* mock)
      : asked_(std::move(asked)), mock_(mock) {}

  Reply<std::vector<std::string>> topics() override { return asked_->topics(); }
  Reply<std::vector<std::int32_t>> partitions(std::span<const std::string> topics) override {
    return asked_->partitions(topics);
  }
  Reply<Configs> configs(const std::string& topic) override {
    const auto found = configs_.find(topic);
    return found == configs_.end() ? Configs() : found->second;
  }
  Reply<std::vector<Outcome>> create_topics(std::span<const TopicSpec> specs) override {
    std::vector<Outcome> outcomes;
    for (const TopicSpec& spec : specs) {
      outcomes.push_back(
          outcome_of(rd_kafka_mock_topic_create(mock_, spec.name.c_str(), spec.partitions, 1)));
      if (outcomes.back().ok()) configs_[spec.name] = spec.configs;
    }
    return outcomes;
  }
  Outcome grow_topic(const std::string&, std::int32_t) override { return not_here(); }
  Reply<std::vector<Outcome>> delete_topics(std::span<const std::string>) override {
    return not_here();
  }
  // The mock drops what is old by itself.
  Outcome delete_records(std::span<const Position>) override { return {}; }
  Reply<std::vector<std::int64_t>> begin_offsets(std::span<const Partition> of) override {
    return asked_->begin_offsets(of);
  }
  Reply<std::vector<std::int64_t>> end_offsets(std::span<const Partition> of,
                                               Isolation isolation) override {
    return asked_->end_offsets(of, isolation);
  }
  Reply<std::vector<std::int64_t>> offsets_at(std::span<const Partition>, Timestamp) override {
    return not_here();
  }
  Reply<std::vector<Position>> committed(const std::string&, std::span<const Partition>) override {
    return not_here();
  }
  Reply<std::vector<Position>> committed(const std::string&) override { return not_here(); }
  // The mock lists no groups. Whoever asks wants to be alone here, and is.
  Reply<GroupState> group(const std::string&) override {
    return Outcome{Fault::kMissing, "the demonstration brokers list no groups"};
  }
  Outcome delete_group(const std::string&) override { return not_here(); }

 private:
  std::unique_ptr<Admin> asked_;
  rd_kafka_mock_cluster_t* mock_;
  std::map<std::string, Configs> configs_;
};

class RdDemoCluster final : public DemoCluster {
 public:
  ~RdDemoCluster() override {
    clients_.reset();
    if (mock_ != nullptr) rd_kafka_mock_cluster_destroy(mock_);
  }

  Outcome make(const RdkafkaOptions& options) {
    Outcome made = keeper_.make(RD_KAFKA_PRODUCER, {.log = options.log}, {}, nullptr, nullptr);
    if (!made.ok()) return made;
    mock_ = rd_kafka_mock_cluster_new(keeper_.get(), 1);
    if (mock_ == nullptr) return {Fault::kDenied, "cannot open a port on this machine"};
    brokers_ = rd_kafka_mock_cluster_bootstraps(mock_);
    RdkafkaOptions inside = options;
    inside.brokers = brokers_;
    // An empty fetch waits for the whole of it.
    inside.properties.emplace_back("fetch.wait.max.ms", "10");
    clients_ = connect(inside);
    return {};
  }

  const std::string& brokers() const override { return brokers_; }
  Reply<std::unique_ptr<Consumer>> consumer(const ConsumerOptions& options) override {
    ConsumerOptions quick = options;
    quick.session_timeout = kSession;
    quick.instance_id.clear();  // It knows no static members.
    return clients_->consumer(quick);
  }
  Reply<std::unique_ptr<Reader>> reader(const ReaderOptions& options) override {
    return clients_->reader(options);
  }
  Reply<std::unique_ptr<Producer>> producer(const ProducerOptions& options) override {
    if (!options.transactional_id.empty()) return not_here();
    return clients_->producer(options);
  }
  Reply<std::unique_ptr<Admin>> admin() override {
    Reply<std::unique_ptr<Admin>> asked = clients_->admin();
    if (!asked.ok()) return asked;
    return std::unique_ptr<Admin>(std::make_unique<DemoAdmin>(std::move(asked.value), mock_));
  }

 private:
  RdClient keeper_;  // The mock lives in a client.
  rd_kafka_mock_cluster_t* mock_ = nullptr;
  std::string brokers_;
  std::unique_ptr<Cluster> clients_;
};

}  // namespace

Reply<std::unique_ptr<DemoCluster>> make_demo_cluster(const RdkafkaOptions& options) {
  auto demo = std::make_unique<RdDemoCluster>();
  if (Outcome made = demo->make(options); !made.ok()) return made;
  return std::unique_ptr<DemoCluster>(std::move(demo));
}

}  // namespace weir::kafka
