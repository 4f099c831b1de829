// A producer of the simulated cluster. Records wait in its queue until flush, commit or chance
// sends them, as a real client's do: destroyed before that, they never were. Its open transaction
// stays open until the same id is initialised or the transaction times out.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "sim/link.h"
#include "sim/log.h"
#include "sim/transactions.h"

namespace weir::sim {

class SimProducer final : public kafka::Producer {
 public:
  SimProducer(Link& link, const kafka::ProducerOptions& options);

  kafka::Outcome init(Duration wait) override;
  kafka::Reply<kafka::TopicId> open(std::string_view topic, Duration wait) override;
  std::int32_t partitions(kafka::TopicId topic) const override;
  kafka::Outcome begin() override;
  kafka::Outcome produce(const kafka::Outgoing& record) override;
  void poll() override;
  kafka::Outcome flush(Duration wait) override;
  kafka::Outcome send_offsets(std::span<const kafka::Position> positions,
                              std::string_view group_metadata, Duration wait) override;
  kafka::Outcome commit(Duration wait) override;
  kafka::Outcome abort(Duration wait) override;
  std::int64_t delivered(kafka::TopicId topic, std::int32_t partition) const override;
  std::span<const kafka::Refused> refused() override;

 private:
  struct Pending {
    kafka::TopicId topic;
    std::int32_t partition;
    std::uint64_t tag;
    std::shared_ptr<const SimRecord> record;
  };
  struct OpenTopic {
    std::string name;
    std::vector<std::int64_t> delivered;  // By partition.
  };

  bool is_transactional() const { return !options_.transactional_id.empty(); }
  std::int32_t choose_partition(const kafka::Outgoing& record);
  // Sends what is queued, at most `max` records. Stops at a fault.
  kafka::Outcome send(std::size_t max);
  kafka::Outcome send_one(const Pending& pending);
  void refuse(const Pending& pending, kafka::Outcome why);
  // Applies a mishap that ends transaction or producer; ok when there is none.
  kafka::Outcome suffer(Mishap mishap);
  kafka::Outcome check_alive();
  kafka::Outcome check_idle() const;
  kafka::Outcome break_down(kafka::Fault fault, const char* why);
  kafka::Outcome must_abort(const char* why);
  Transaction& transaction();
  void finish(bool committed);

  Link& link_;
  const kafka::ProducerOptions options_;
  ProducerIdentity identity_;
  bool initialised_ = false;
  bool begun_ = false;
  bool wrote_ = false;  // In this transaction.
  bool must_abort_ = false;
  bool ended_unheard_ = false;  // Committed, but the answer was lost.
  // After a refused record the broker misses a sequence number: the next commit fails once more.
  bool refused_in_transaction_ = false;
  bool sequence_gap_ = false;
  kafka::Outcome broken_;       // Not ok: for good.
  kafka::Outcome undelivered_;  // The first refusal since the last flush.
  std::deque<Pending> queue_;
  std::vector<OpenTopic> topics_;
  std::uint32_t next_partition_ = 0;
  std::vector<kafka::Refused> refused_;
  std::vector<kafka::Refused> told_;
};

}  // namespace weir::sim
