// What /metrics says: the numbers of running jobs in Prometheus' text form.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>

#include <weir/app_snapshot.h>

namespace weir::http {

struct JobNumbers {
  std::string job;
  bool exactly_once = true;
  std::map<std::string, std::string> streams{};  // Topic to the job's name for it.
  std::map<std::string, std::string> sinks{};
  std::set<std::string> closing{};  // Steps whose results are closed windows, one for each.
  std::map<std::string, std::uint64_t> key_mismatches{};  // By stream.
  std::string sha256{};                                   // Of the job as it counts.
  Timestamp loaded = 0;                                   // When its file was read.
  std::string kafka_client{};                             // Version of librdkafka.
  AppSnapshot snapshot{};
};

std::string metrics_text(std::span<const JobNumbers> jobs);

}  // namespace weir::http
