#include "testing/test_cluster.h"
#include <weir/testing.h>

namespace weir {

class TestDriver::Cluster final : public testing::TestCluster {
 public:
  using TestCluster::TestCluster;
};

TestDriver::TestDriver(Topology topology, TestOptions options)
    : cluster_(std::make_unique<Cluster>(std::move(topology), options)) {}
TestDriver::~TestDriver() = default;
TestDriver::TestDriver(TestDriver&&) noexcept = default;

void TestDriver::send(std::string_view topic, LogRecord record) {
  cluster_->send(topic, std::move(record));
}

std::vector<LogRecord> TestDriver::read(std::string_view topic) { return cluster_->read(topic); }

std::vector<LogRecord> TestDriver::dead_letters() {
  const std::string& topic = cluster_->topology().errors().dead_letters;
  check(!topic.empty(), "the topology names no topic for dead letters");
  return cluster_->read(topic);
}

std::uint64_t TestDriver::discarded(std::string_view reason) const {
  const std::map<std::string, std::uint64_t> all = discarded();
  const auto it = all.find(std::string(reason));
  return it == all.end() ? 0 : it->second;
}

std::map<std::string, std::uint64_t> TestDriver::discarded() const {
  return cluster_->counters().discarded;
}

void TestDriver::advance(Duration by) { cluster_->advance(by); }
void TestDriver::commit() { cluster_->commit(); }
void TestDriver::crash(bool keep_state) { cluster_->crash(keep_state); }
void TestDriver::drain() { cluster_->drain(); }

BytesStore& TestDriver::store(std::string_view name, int partition) {
  return cluster_->store(name, partition);
}

Timestamp TestDriver::stream_time(std::string_view topic, int partition) const {
  return cluster_->stream_time(topic, partition);
}

}  // namespace weir
