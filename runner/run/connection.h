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

// Values of the file and of -X may be ${NAME}, ${file:PATH} or ${credential:NAME}, so that secrets
// need stand in neither. No error shows a value.
Result<Connection> resolve(const ConnectionSources& sources, const job::Outside& outside);

}  // namespace weir::run
