// What the bare clients of librdkafka share: the peers that figures are told beside.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <time.h>

namespace weir::perf {

using Properties = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

inline std::string brokers() {
  const char* list = std::getenv("WEIR_TEST_BROKERS");
  if (list == nullptr) give_up("WEIR_TEST_BROKERS is not set");
  return list;
}

inline double seconds_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

inline std::int64_t micros_now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

inline rd_kafka_t* client(rd_kafka_type_t type, const Properties& properties) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), error, sizeof error);
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK) {
      give_up(error);
    }
  }
  rd_kafka_t* made = rd_kafka_new(type, conf, error, sizeof error);
  if (made == nullptr) give_up(error);
  return made;
}

// Begin and end of each partition of a topic.
inline std::vector<std::pair<std::int64_t, std::int64_t>> extents(rd_kafka_t* client,
                                                                  const std::string& topic) {
  rd_kafka_topic_t* named = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* answer = nullptr;
  if (rd_kafka_metadata(client, 0, named, &answer, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      answer->topic_cnt != 1 || answer->topics[0].partition_cnt == 0) {
    give_up("no topic " + topic);
  }
  const int partitions = answer->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(answer);
  rd_kafka_topic_destroy(named);
  std::vector<std::pair<std::int64_t, std::int64_t>> all;
  for (int partition = 0; partition < partitions; ++partition) {
    auto& [begin, end] = all.emplace_back();
    rd_kafka_query_watermark_offsets(client, topic.c_str(), partition, &begin, &end, 10'000);
  }
  return all;
}

}  // namespace weir::perf
