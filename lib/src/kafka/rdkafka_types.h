// Owners of librdkafka's objects, and its errors sorted into ours. Included only by rdkafka_*.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <librdkafka/rdkafka.h>

#include "kafka/client.h"
#include "kafka/outcome.h"

namespace weir::kafka {

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

using RdList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                               Destroyer<rd_kafka_topic_partition_list_destroy>>;
using RdQueue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using RdEvent = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using RdError = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;
using RdMessage = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using RdConf = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using RdTopic = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using RdMetadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using RdMembership = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                     Destroyer<rd_kafka_consumer_group_metadata_destroy>>;

RdList make_list(std::span<const Partition> partitions, std::int64_t offset = kNoOffset);
RdList make_list(std::span<const Position> positions);
Partition partition_in(const rd_kafka_topic_partition_t& element);
Position position_in(const rd_kafka_topic_partition_t& element);

// kNone for NO_ERROR.
Fault fault_of(rd_kafka_resp_err_t code);
// A failed request: `text` is what the client or the broker said, if anything.
Outcome outcome_of(rd_kafka_resp_err_t code, const char* text = nullptr);
// A failed transactional call, by the three answers that decide what to do about it. Null is ok.
Outcome outcome_of(const RdError& error);
// The client's fatal error, or ok.
Outcome fatal_outcome(rd_kafka_t* client);

inline int millis(Duration wait) { return static_cast<int>(wait.count()); }

}  // namespace weir::kafka
