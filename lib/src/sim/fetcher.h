// The partitions that one simulated client reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "sim/link.h"
#include "sim/log.h"

namespace weir::sim {

class Fetcher {
 public:
  Fetcher(Link& link, kafka::Isolation isolation) : link_(link), isolation_(isolation) {}

  void start(const kafka::Start& start);  // REQUIRES: the slot is free.
  void stop(kafka::Slot slot);
  void clear() { slots_.clear(); }

  kafka::Batch read(kafka::Slot slot, std::size_t max);
  Headers headers(const kafka::Incoming& record);
  void seek(kafka::Slot slot, std::int64_t offset);
  std::int64_t end_offset(kafka::Slot slot) const;

  // Appends what went wrong since the last call.
  void take_events(std::vector<kafka::Event>& into);

 private:
  struct Source {
    kafka::Partition partition{};
    std::int64_t position = 0;
    std::int64_t end = kafka::kNoOffset;  // As last heard.
    bool at_end = false;
    bool halted = false;           // Told of an error; nothing is read until a seek.
    std::vector<LogEntry> held{};  // The owners of `records`.
    std::vector<kafka::Incoming> records{};
  };

  Source& source(kafka::Slot slot);
  const Source& source(kafka::Slot slot) const;
  void fetch(Source& from, std::size_t max);
  void halt(Source& from, kafka::Event::Kind kind, const std::string& why);

  Link& link_;
  kafka::Isolation isolation_;
  std::vector<std::optional<Source>> slots_;
  std::vector<kafka::Event> events_;
  std::vector<Header> headers_;
};

}  // namespace weir::sim
