// A producer on librdkafka.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kafka/rdkafka_client.h"

namespace weir::kafka {

class RdProducer final : public Producer {
 public:
  ~RdProducer() override;
  Outcome make(const RdkafkaOptions& options, const ProducerOptions& producer);

  Outcome init(Duration wait) override;
  Reply<TopicId> open(std::string_view topic, Duration wait) override;
  std::int32_t partitions(TopicId topic) const override;
  Outcome begin() override;
  Outcome produce(const Outgoing& record) override;
  void poll() override;
  Outcome flush(Duration wait) override;
  Outcome send_offsets(std::span<const Position> positions, std::string_view group_metadata,
                       Duration wait) override;
  Outcome commit(Duration wait) override;
  Outcome abort(Duration wait) override;
  std::int64_t delivered(TopicId topic, std::int32_t partition) const override;
  std::span<const Refused> refused() override;

 private:
  struct OpenTopic {
    TopicId id = 0;
    bool is_open = false;
    std::string name{};
    std::int32_t partitions = 0;
    RdTopic topic{};
    std::vector<std::int64_t> delivered{};  // By partition.
  };

  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  void note_failure(const OpenTopic& topic, const rd_kafka_message_t& message);
  OpenTopic& know(std::string_view topic);
  Outcome ask_partitions(OpenTopic& of, Duration wait);
  // librdkafka's transaction begins with the first thing in it: it fails to abort an empty one.
  Outcome begin_if_needed();
  Outcome enqueue(const Outgoing& record);
  Outcome refusal(rd_kafka_resp_err_t code);

  RdClient client_;
  bool is_transactional_ = false;
  bool initialised_ = false;
  bool begun_ = false;        // By the caller.
  bool begun_there_ = false;  // In librdkafka.
  Outcome undelivered_;       // The first failed delivery since the last flush or abort.
  // librdkafka points to them for as long as it lives, whether opening them went well or not.
  std::vector<std::unique_ptr<OpenTopic>> known_;
  std::vector<OpenTopic*> topics_;  // Those that are open, by id.
  std::vector<Refused> refused_;
  std::vector<Refused> told_;
};

}  // namespace weir::kafka
