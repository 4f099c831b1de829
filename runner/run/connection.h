// Where the brokers are and how to speak to them: from flags, environment, files and the job.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "job/outside.h"
#include "kafka/rdkafka_config.h"
#include <weir/error.h>

namespace weir::run {

struct Connection {
  std::string brokers;
  kafka::Properties properties;  // Each name once.

  kafka::RdkafkaOptions options() const { return {.brokers = brokers, .properties = properties}; }
};

// What was said on the way; later ones win.
struct ConnectionSources {
  std::string job_brokers{};
  kafka::Properties job_properties{};
  std::string config_file{};              // --config
  std::vector<std::string> properties{};  // -X NAME=VALUE
  std::string brokers{};                  // --brokers
};

// Where a job names no brokers, or there is no job, the names count that producers' environments
// use: KAFKA_BROKERS, KAFKA_BOOTSTRAP_SERVERS or KAFKA_BOOTSTRAP; KAFKA_SECURITY_PROTOCOL,
// KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD; KAFKA_API_KEY with
// KAFKA_API_SECRET, which mean PLAIN over TLS. Everything else wins over them, and an empty
// variable counts as none.
//
// Values of the file and of -X may be ${NAME}, ${file:PATH} or ${credential:NAME}, so that secrets
// need stand in neither. No error shows a value.
Result<Connection> resolve(const ConnectionSources& sources, const job::Outside& outside);

}  // namespace weir::run
