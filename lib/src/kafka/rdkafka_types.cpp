#include "kafka/rdkafka_types.h"

#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace weir::kafka {

RdList make_list(std::span<const Partition> partitions, std::int64_t offset) {
  RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const Partition& partition : partitions) {
    auto* element =
        rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.index);
    element->offset = offset;
  }
  return list;
}

RdList make_list(std::span<const Position> positions) {
  RdList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& position : positions) {
    auto* element = rd_kafka_topic_partition_list_add(list.get(), position.partition.topic.c_str(),
                                                      position.partition.index);
    element->offset = position.offset;
    if (position.metadata.empty()) continue;
    // The list frees it.
    element->metadata = std::malloc(position.metadata.size());
    if (element->metadata == nullptr) std::abort();
    std::memcpy(element->metadata, position.metadata.data(), position.metadata.size());
    element->metadata_size = position.metadata.size();
  }
  return list;
}

Partition partition_in(const rd_kafka_topic_partition_t& element) {
  return {element.topic, element.partition};
}

Position position_in(const rd_kafka_topic_partition_t& element) {
  Position position{partition_in(element)};
  if (element.offset >= 0) position.offset = element.offset;
  if (element.metadata != nullptr) {
    position.metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
  }
  return position;
}

Fault fault_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Fault::kNone;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
      return Fault::kStale;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return Fault::kFenced;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return Fault::kTooLarge;
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return Fault::kBadTimestamp;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
      return Fault::kMissing;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return Fault::kExists;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
      return Fault::kFatal;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return Fault::kDenied;
    default:
      return Fault::kRetriable;  // Transport, time-outs, leaders and coordinators on the move.
  }
}

Outcome outcome_of(rd_kafka_resp_err_t code, const char* text) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  // "All brokers are currently fenced": not too many replicas, but brokers that are coming back.
  const bool fenced = code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR && text != nullptr &&
                      std::string_view(text).find("currently fenced") != std::string_view::npos;
  if (fenced) return {Fault::kRetriable, text};
  return {fault_of(code), text != nullptr && *text != '\0' ? text : rd_kafka_err2str(code)};
}

Outcome outcome_of(const RdError& error) {
  if (!error) return {};
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  const Fault fault = fault_of(code);
  std::string text = rd_kafka_error_string(error.get());
  if (rd_kafka_error_is_fatal(error.get())) {
    return {fault == Fault::kFenced ? Fault::kFenced : Fault::kFatal, std::move(text)};
  }
  if (rd_kafka_error_txn_requires_abort(error.get())) {
    const bool stale = fault == Fault::kStale || code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    return {stale ? Fault::kStale : Fault::kAbort, std::move(text)};
  }
  if (rd_kafka_error_is_retriable(error.get())) return {Fault::kRetriable, std::move(text)};
  return {fault, std::move(text)};
}

Outcome fatal_outcome(rd_kafka_t* client) {
  char text[512] = "";
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(client, text, sizeof text);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return {fault_of(code) == Fault::kFenced ? Fault::kFenced : Fault::kFatal, text};
}

}  // namespace weir::kafka
