// What /metrics says: the numbers of running jobs in Prometheus' text form.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <weir/app_snapshot.h>

namespace weir::http {

struct JobNumbers {
  std::string job;
  bool exactly_once = true;
  std::map<std::string, std::string> streams{};  // Topic to the job's name for it.
  std::map<std::string, std::string> sinks{};
  AppSnapshot snapshot{};
};

std::string metrics_text(std::span<const JobNumbers> jobs);

}  // namespace weir::http
