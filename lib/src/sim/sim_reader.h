// A kafka::Reader of the simulated cluster.
#pragma once

#include <vector>

#include "kafka/client.h"
#include "sim/fetcher.h"

namespace weir::sim {

class SimReader final : public kafka::Reader {
 public:
  SimReader(Link& link, kafka::Isolation isolation) : fetcher_(link, isolation) {}

  std::span<const kafka::Event> poll(Duration) override {
    events_.clear();
    fetcher_.take_events(events_);
    return events_;
  }
  kafka::Batch read(kafka::Slot slot, std::size_t max) override { return fetcher_.read(slot, max); }
  Headers headers(const kafka::Incoming& record) override { return fetcher_.headers(record); }
  void seek(kafka::Slot slot, std::int64_t offset) override { fetcher_.seek(slot, offset); }
  std::int64_t end_offset(kafka::Slot slot) const override { return fetcher_.end_offset(slot); }
  void start(std::span<const kafka::Start> starts) override {
    for (const kafka::Start& start : starts) fetcher_.start(start);
  }
  void stop(std::span<const kafka::Slot> slots) override {
    for (const kafka::Slot slot : slots) fetcher_.stop(slot);
  }

 private:
  Fetcher fetcher_;
  std::vector<kafka::Event> events_;
};

}  // namespace weir::sim
