#include "cli/connection_flags.h"

namespace weir::cli {

Result<run::Connection> connection_of(const Call& call, const job::KafkaSettings& kafka) {
  run::ConnectionSources sources;
  sources.job_brokers = kafka.brokers;
  sources.job_properties = kafka.properties;
  sources.config_file = call.value_or("--config", "");
  sources.properties = call.values("--property");
  sources.brokers = call.value_or("--brokers", "");
  return run::resolve(sources, job::Outside::of_process());
}

}  // namespace weir::cli
