// A group member on librdkafka.
//
// librdkafka tells of a rebalance by a callback, in which it expects assign(). Here the callback
// only takes notes: the engine answers the event with accept() or release(), which assign; until
// then the group waits, as it does for a callback.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/rdkafka_client.h"
#include "kafka/rdkafka_fetcher.h"

namespace weir::kafka {

class RdConsumer final : public Consumer {
 public:
  ~RdConsumer() override;
  Outcome make(const RdkafkaOptions& options, const ConsumerOptions& consumer);

  std::span<const Event> poll(Duration wait) override;
  Batch read(Slot slot, std::size_t max) override { return fetcher_->read(slot, max); }
  Headers headers(const Incoming& record) override { return fetcher_->headers(record); }
  void seek(Slot slot, std::int64_t offset) override;
  std::int64_t end_offset(Slot slot) const override { return fetcher_->end_offset(slot); }

  void accept(std::span<const Start> starts) override;
  void release() override;
  Reply<std::vector<Position>> committed(std::span<const Partition> partitions,
                                         Duration wait) override;
  Outcome commit(std::span<const Position> positions, Duration wait) override;
  std::string group_metadata() const override { return membership_; }
  void close(Duration wait) override;

 private:
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque);
  void note_rebalance(rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions);
  void serve();
  void take_error(const rd_kafka_message_t& message);
  void assign(const rd_kafka_topic_partition_list_t* list);
  // The membership as bytes, or nothing when the client is no member: bytes without a generation
  // would pass every fence.
  std::string read_membership() const;
  void leave(Duration wait);

  RdClient client_;
  RdQueue queue_;
  Bell bell_;
  std::unique_ptr<RdFetcher> fetcher_;
  ConsumerOptions options_;
  // Of the generation whose kAssigned was given. An older one is fenced by the broker; a newer one
  // than the engine knows of would not be.
  std::string membership_;
  bool failed_ = false;
  std::vector<Event> events_;
};

}  // namespace weir::kafka
