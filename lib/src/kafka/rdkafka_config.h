// Settings of librdkafka's clients: those that weir needs, and those that the job passes through.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include <weir/error.h>

namespace weir::kafka {

using Properties = std::vector<std::pair<std::string, std::string>>;

struct RdkafkaOptions {
  std::string brokers{};
  Properties properties{};  // Passed through; they win over weir's defaults.
  // What the clients have to say: syslog level (3 is an error, 7 debugging) and one line of text.
  // Called from threads of librdkafka, several at a time. Absent: nobody listens.
  std::function<void(int level, std::string_view text)> log{};
  // What consumers of a group and producers tell of themselves, every few seconds: librdkafka's
  // statistics, in JSON. Called from the threads that use them.
  std::function<void(std::string_view json)> statistics{};
};

// Properties that weir sets itself because its guarantees hang on them: passing one is an error.
bool is_reserved(std::string_view property);
// Properties whose value must never be shown.
bool is_secret(std::string_view property);
// The same list with "***" for the secrets: what may be logged.
Properties redacted(const Properties& properties);

// Whether librdkafka takes these options. No broker is asked. The error never shows a secret.
Status check_options(const RdkafkaOptions& options);

// A cluster behind librdkafka.
std::unique_ptr<Cluster> connect(const RdkafkaOptions& options);

}  // namespace weir::kafka
