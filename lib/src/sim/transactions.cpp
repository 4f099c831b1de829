#include "sim/transactions.h"

#include <weir/error.h>

namespace weir::sim {

ProducerIdentity Transactions::init(const std::string& transactional_id,
                                    std::optional<Transaction>& left_open) {
  left_open = fence(transactional_id);
  return {transactional_id, entries_[transactional_id].epoch};
}

bool Transactions::is_current(const ProducerIdentity& producer) const {
  const auto found = entries_.find(producer.transactional_id);
  return found != entries_.end() && found->second.epoch == producer.epoch;
}

Transaction& Transactions::open(const ProducerIdentity& producer, Timestamp deadline) {
  check(is_current(producer), "a fenced producer opened a transaction");
  Entry& entry = entries_[producer.transactional_id];
  if (!entry.open) {
    entry.open = Transaction{
        .number = next_++, .transactional_id = producer.transactional_id, .deadline = deadline};
  }
  return *entry.open;
}

std::optional<Transaction> Transactions::finish(const ProducerIdentity& producer) {
  check(is_current(producer), "a fenced producer ended a transaction");
  return std::exchange(entries_[producer.transactional_id].open, std::nullopt);
}

std::optional<Transaction> Transactions::fence(const std::string& transactional_id) {
  Entry& entry = entries_[transactional_id];
  ++entry.epoch;
  return std::exchange(entry.open, std::nullopt);
}

std::vector<Transaction> Transactions::expire(Timestamp now) {
  std::vector<Transaction> expired;
  for (auto& [id, entry] : entries_) {
    if (!entry.open || entry.open->deadline >= now) continue;
    expired.push_back(std::move(*entry.open));
    entry.open.reset();
    ++entry.epoch;
  }
  return expired;
}

}  // namespace weir::sim
