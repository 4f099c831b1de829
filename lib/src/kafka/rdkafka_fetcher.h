// The partitions that one client of librdkafka reads, each through its own queue. Included only by
// rdkafka_*.
//
// Own queues, because then a partition that is not served holds back nobody and needs no pause()
// (2.0.2 reads records twice after a resume), and the threshold of prefetching is each partition's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kafka/rdkafka_bell.h"
#include "kafka/rdkafka_end_watch.h"
#include "kafka/rdkafka_types.h"

namespace weir::kafka {

class RdFetcher {
 public:
  // REQUIRES: `client` and `bell` live longer.
  RdFetcher(rd_kafka_t* client, Bell& bell) : client_(client), bell_(bell), ends_(client) {}
  ~RdFetcher() { clear(); }

  // Takes the partitions' queues out of the common one: before they are assigned.
  void start(std::span<const Start> starts);
  void stop(std::span<const Slot> slots);
  void clear();
  // The list to assign or to unassign.
  RdList list_of(std::span<const Start> starts) const;
  RdList list_of(std::span<const Slot> slots) const;  // At the present positions.
  RdList list_of_all() const;

  Batch read(Slot slot, std::size_t max);
  Headers headers(const Incoming& record);
  // False: the partition must be assigned again, at list_of(slot).
  [[nodiscard]] bool seek(Slot slot, std::int64_t offset);
  std::int64_t end_offset(Slot slot) const;

  // Appends what went wrong since the last call.
  void take_events(std::vector<Event>& into);
  void add_event(Event event) { events_.push_back(std::move(event)); }

 private:
  struct Source {
    RdQueue queue;
    std::shared_ptr<EndWatch::Watched> watched;
    std::int64_t next_offset = 0;
    bool at_end = false;
    std::vector<rd_kafka_message_t*> held;  // The owners of `records`.
    std::vector<Incoming> records;
  };

  Source& source(Slot slot) const;
  void drop_batch(Source& of);
  void take_error(Source& from, const rd_kafka_message_t& message);
  void watch_ends();

  rd_kafka_t* client_;
  Bell& bell_;
  std::vector<std::unique_ptr<Source>> slots_;
  std::vector<Event> events_;
  std::vector<Header> headers_;
  EndWatch ends_;
};

}  // namespace weir::kafka
