// The simulated cluster: an in-memory Kafka for tests, with one thread, a virtual clock and a seed,
// so that a run is the same every time. It models what weir relies on (logs, groups, transactions,
// fencing, read_committed, compaction) and what goes wrong; it speaks no protocol.
//
//   SimCluster cluster(seed);
//   cluster.topics().create({.name = "orders", .partitions = 4});
//   auto connection = cluster.connect();               // One for each simulated process.
//   auto consumer = connection->consumer({.group = "shop", .topics = {"orders"}});
//   cluster.faults().script(Call::kCommit, Mishap::kLostAnswer);
//   cluster.advance_to(now + 100);
//
// Time passes by advance_to() alone: it ends sessions and transactions that are due.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "sim/faults.h"
#include "sim/group.h"
#include "sim/topics.h"
#include "sim/transactions.h"
#include <weir/time.h>

namespace weir::sim {

// A simulated process's way to the cluster.
class Connection : public kafka::Cluster {
 public:
  // Cuts or mends the network of this process alone. A cut process notices kRetriable everywhere;
  // the group forgets it after its session timeout.
  virtual void cut(bool cut) = 0;
};

class SimCluster {
 public:
  explicit SimCluster(std::uint64_t seed, Timestamp start = 0);

  std::unique_ptr<Connection> connect();

  Timestamp now() const { return now_; }
  void advance_to(Timestamp now);  // REQUIRES: not backwards.

  Topics& topics() { return topics_; }
  Faults& faults() { return faults_; }
  Group& group(const std::string& name);
  // Only groups that exist.
  Group* find_group(const std::string& name);
  std::map<std::string, Group>& groups() { return groups_; }

  // What tests write and read without a client. REQUIRES: the partition exists.
  std::int64_t append(const kafka::Partition& to, SimRecord record);
  std::vector<SimRecord> records(const std::string& topic,
                                 kafka::Isolation isolation = kafka::Isolation::kReadCommitted);
  std::vector<SimRecord> records(const kafka::Partition& partition,
                                 kafka::Isolation isolation = kafka::Isolation::kReadCommitted);

  // ---- Faults ----------------------------------------------------------------------------------
  // All brokers are down: every request is retriable, no session and no transaction ends meanwhile.
  void set_down(bool down);
  bool is_down() const { return down_; }
  // The partition gives nothing more and takes nothing until it moves again.
  void stand_still(const kafka::Partition& partition, bool still);
  // A read gives at most this many records, 1 <= max. 0: as asked.
  void limit_reads(std::size_t max) { read_max_ = max; }
  std::size_t read_max() const { return read_max_; }
  // So many records wait in a producer at most.
  void limit_queues(std::size_t max) { queue_max_ = max; }
  std::size_t queue_max() const { return queue_max_; }
  // Control markers, and the offsets that go with them, come this much after the answer to a
  // commit or an abort. Until then nothing of it is visible, and its id can do nothing new.
  void delay_markers(Duration by) { marker_delay_ = by; }
  // The brokers drop a producer, as after a timeout: its transaction is aborted.
  void fence(const std::string& transactional_id);
  // The broker's own work, on demand.
  void compact(const std::string& topic);
  void run_retention();

  // ---- For the clients -------------------------------------------------------------------------
  ProducerIdentity init_producer(const std::string& transactional_id);
  Transactions& transactions() { return transactions_; }
  // Commits or aborts: control markers, and the offsets of groups.
  void end_transaction(const Transaction& transaction, bool committed);
  // Whether the markers of this id's last transaction are still to come.
  bool is_completing(const std::string& transactional_id) const;

 private:
  struct Completing {
    Timestamp due;
    Transaction transaction;
    bool committed;
  };
  void write_markers(const Transaction& transaction, bool committed);

  Timestamp now_;
  Faults faults_;
  Topics topics_;
  std::map<std::string, Group> groups_;
  Transactions transactions_;
  Duration marker_delay_{0};
  std::vector<Completing> completing_;
  bool down_ = false;
  std::size_t read_max_ = 0;
  std::size_t queue_max_ = 100'000;
};

}  // namespace weir::sim
