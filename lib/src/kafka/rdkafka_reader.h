// A Reader on librdkafka.
#pragma once

#include <vector>

#include "kafka/rdkafka_client.h"
#include "kafka/rdkafka_fetcher.h"

namespace weir::kafka {

class RdReader final : public Reader {
 public:
  ~RdReader() override;
  Outcome make(const RdkafkaOptions& options, const ReaderOptions& reader);

  std::span<const Event> poll(Duration wait) override;
  Batch read(Slot slot, std::size_t max) override { return fetcher_->read(slot, max); }
  Headers headers(const Incoming& record) override { return fetcher_->headers(record); }
  void seek(Slot slot, std::int64_t offset) override;
  std::int64_t end_offset(Slot slot) const override { return fetcher_->end_offset(slot); }
  void start(std::span<const Start> starts) override;
  void stop(std::span<const Slot> slots) override;

 private:
  void serve();

  RdClient client_;
  RdQueue queue_;
  Bell bell_;
  std::unique_ptr<RdFetcher> fetcher_;
  std::vector<Event> events_;
};

}  // namespace weir::kafka
