#include "sim/sim_cluster.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sim/sim_admin.h"
#include "sim/sim_consumer.h"
#include "sim/sim_producer.h"
#include "sim/sim_reader.h"
#include <weir/error.h>

namespace weir::sim {
namespace {

class SimConnection final : public Connection {
 public:
  explicit SimConnection(SimCluster& cluster) : link_{cluster} {}

  kafka::Reply<std::unique_ptr<kafka::Consumer>> consumer(
      const kafka::ConsumerOptions& options) override {
    return std::unique_ptr<kafka::Consumer>(std::make_unique<SimConsumer>(link_, options));
  }
  kafka::Reply<std::unique_ptr<kafka::Reader>> reader(
      const kafka::ReaderOptions& options) override {
    return std::unique_ptr<kafka::Reader>(std::make_unique<SimReader>(link_, options.isolation));
  }
  kafka::Reply<std::unique_ptr<kafka::Producer>> producer(
      const kafka::ProducerOptions& options) override {
    return std::unique_ptr<kafka::Producer>(std::make_unique<SimProducer>(link_, options));
  }
  kafka::Reply<std::unique_ptr<kafka::Admin>> admin() override {
    return std::unique_ptr<kafka::Admin>(std::make_unique<SimAdmin>(link_));
  }
  void cut(bool cut) override { link_.cut = cut; }

 private:
  Link link_;
};

}  // namespace

SimCluster::SimCluster(std::uint64_t seed, Timestamp start) : now_(start), faults_(seed) {}

std::unique_ptr<Connection> SimCluster::connect() { return std::make_unique<SimConnection>(*this); }

void SimCluster::advance_to(Timestamp now) {
  check(now >= now_, "the virtual clock went backwards");
  now_ = now;
  if (down_) return;
  for (auto& [name, group] : groups_) group.advance(now);
  for (std::size_t i = 0; i < completing_.size();) {
    if (completing_[i].due > now) {
      ++i;
      continue;
    }
    write_markers(completing_[i].transaction, completing_[i].committed);
    completing_.erase(completing_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const Transaction& expired : transactions_.expire(now)) end_transaction(expired, false);
}

Group& SimCluster::group(const std::string& name) {
  return groups_.try_emplace(name, topics_).first->second;
}

Group* SimCluster::find_group(const std::string& name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

std::int64_t SimCluster::append(const kafka::Partition& to, SimRecord record) {
  Log* log = topics_.find(to);
  check(log != nullptr, "append: no such partition");
  return log->append(std::make_shared<const SimRecord>(std::move(record)));
}

std::vector<SimRecord> SimCluster::records(const kafka::Partition& partition,
                                           kafka::Isolation isolation) {
  const Log* log = topics_.find(partition);
  check(log != nullptr, "records: no such partition");
  std::vector<LogEntry> entries;
  log->read(log->begin(), static_cast<std::size_t>(-1), isolation, entries);
  std::vector<SimRecord> records;
  records.reserve(entries.size());
  for (const LogEntry& entry : entries) records.push_back(*entry.record);
  return records;
}

std::vector<SimRecord> SimCluster::records(const std::string& topic, kafka::Isolation isolation) {
  std::vector<SimRecord> all;
  for (std::int32_t i = 0; i < topics_.partition_count(topic); ++i) {
    for (SimRecord& record : records(kafka::Partition{topic, i}, isolation)) {
      all.push_back(std::move(record));
    }
  }
  return all;
}

void SimCluster::set_down(bool down) {
  if (down_ && !down) {
    for (auto& [name, group] : groups_) group.restart_sessions(now_);
  }
  down_ = down;
}

void SimCluster::stand_still(const kafka::Partition& partition, bool still) {
  Topic* topic = topics_.find(partition.topic);
  check(topic != nullptr, "stand_still: no such topic");
  if (still) {
    topic->still.insert(partition.index);
  } else {
    topic->still.erase(partition.index);
  }
}

void SimCluster::fence(const std::string& transactional_id) {
  if (const auto open = transactions_.fence(transactional_id)) end_transaction(*open, false);
}

void SimCluster::compact(const std::string& topic) {
  Topic* found = topics_.find(topic);
  check(found != nullptr, "compact: no such topic");
  const Duration erasures_kept{found->config("delete.retention.ms")};
  for (Log& log : found->logs) log.compact(now_, erasures_kept);
}

void SimCluster::run_retention() {
  for (auto& [name, topic] : topics_.all()) {
    const std::int64_t retention = topic.config("retention.ms");
    const std::string& policy = topic.configs.at("cleanup.policy");
    if (retention < 0 || policy.find("delete") == std::string::npos) continue;
    for (Log& log : topic.logs) log.expire(later(now_, -retention));
  }
}

ProducerIdentity SimCluster::init_producer(const std::string& transactional_id) {
  std::optional<Transaction> left_open;
  ProducerIdentity identity = transactions_.init(transactional_id, left_open);
  if (left_open) end_transaction(*left_open, false);
  return identity;
}

void SimCluster::end_transaction(const Transaction& transaction, bool committed) {
  if (marker_delay_.count() == 0) return write_markers(transaction, committed);
  completing_.push_back({later(now_, marker_delay_), transaction, committed});
}

bool SimCluster::is_completing(const std::string& transactional_id) const {
  return std::any_of(completing_.begin(), completing_.end(), [&](const Completing& one) {
    return one.transaction.transactional_id == transactional_id;
  });
}

void SimCluster::write_markers(const Transaction& transaction, bool committed) {
  for (const kafka::Partition& partition : transaction.partitions) {
    Log* log = topics_.find(partition);
    if (log != nullptr) log->end_transaction(transaction.number, committed);
  }
  for (const auto& [name, position] : transaction.offsets) {
    Group& of = group(name);
    of.remove_pending(position.partition);
    if (committed) of.commit(position);
  }
}

}  // namespace weir::sim
