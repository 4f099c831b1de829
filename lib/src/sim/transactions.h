// The transaction coordinator: who owns a transactional id, and what its open transaction touched.
// It only keeps the books; the cluster writes the markers and the offsets.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "sim/log.h"
#include <weir/time.h>

namespace weir::sim {

// A producer as the brokers know it. A newer epoch fences the older ones.
struct ProducerIdentity {
  std::string transactional_id{};
  std::int32_t epoch = 0;
};

// All that one transaction touched, to be committed or aborted.
struct Transaction {
  TransactionNumber number = kNoTransaction;
  std::string transactional_id{};
  std::set<kafka::Partition> partitions{};
  std::vector<std::pair<std::string, kafka::Position>> offsets{};  // Group and position.
  Timestamp deadline = kEndOfTime;
};

class Transactions {
 public:
  // A new epoch. What was open under an older one is handed out through `left_open`, to be aborted.
  ProducerIdentity init(const std::string& transactional_id, std::optional<Transaction>& left_open);
  bool is_current(const ProducerIdentity& producer) const;

  // The producer's open transaction; opened now if there is none. REQUIRES: is_current(producer).
  Transaction& open(const ProducerIdentity& producer, Timestamp deadline);
  // Ends it, if there is one. REQUIRES: is_current(producer).
  std::optional<Transaction> finish(const ProducerIdentity& producer);
  // Takes the open transaction away and fences its producer.
  std::optional<Transaction> fence(const std::string& transactional_id);
  // The same for every transaction that is past its deadline.
  std::vector<Transaction> expire(Timestamp now);

 private:
  struct Entry {
    std::int32_t epoch = 0;
    std::optional<Transaction> open{};
  };
  std::map<std::string, Entry> entries_;
  TransactionNumber next_ = 1;
};

}  // namespace weir::sim
