// One client of librdkafka: made of settings, and destroyed within a time. Included only by
// rdkafka_*.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "kafka/rdkafka_config.h"
#include "kafka/rdkafka_types.h"

namespace weir::kafka {

// Only clients for which weir sets it are served often enough to tell statistics.
inline constexpr const char* kStatisticsInterval = "statistics.interval.ms";

// What weir sets for each kind of client, before the job's properties.
Properties consumer_properties(const ConsumerOptions& options);
Properties reader_properties(const ReaderOptions& options);
Properties producer_properties(const ProducerOptions& options);

// kDenied: a property that librdkafka does not take; the text does not show secrets.
Reply<RdConf> make_conf(const RdkafkaOptions& options, const Properties& ours);

class RdClient {
 public:
  RdClient() = default;
  RdClient(const RdClient&) = delete;
  RdClient& operator=(const RdClient&) = delete;
  ~RdClient();  // As destroy(), within some seconds.

  // `callbacks` may set further callbacks; they get `owner` through owner_of(). kDenied.
  Outcome make(rd_kafka_type_t type, const RdkafkaOptions& options, const Properties& ours,
               void* owner, void (*callbacks)(rd_kafka_conf_t*));

  rd_kafka_t* get() const { return client_; }
  // The `owner` behind the opaque pointer that callbacks get.
  static void* owner_of(void* opaque);

  // Destroys the client without taking leave of its group. It does so on a thread of its own,
  // because 2.0.2 sometimes never returns from it (a partition lost or a topic deleted at the wrong
  // moment); then the client is abandoned.
  void destroy(Duration wait);

 private:
  // Lives as long as the client, which may be longer than this object.
  struct Context {
    std::function<void(int level, std::string_view text)> log;
    std::function<void(std::string_view json)> statistics;
    void* owner = nullptr;
  };
  static int take_statistics(rd_kafka_t* client, char* json, std::size_t size, void* opaque);
  static void log_line(const rd_kafka_t* client, int level, const char* facility, const char* text);

  rd_kafka_t* client_ = nullptr;
  std::unique_ptr<Context> context_;
};

}  // namespace weir::kafka
