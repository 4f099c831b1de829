// How much state a job will keep, roughly, at a given rate of its streams.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "job/plan.h"

namespace weir::cli {

struct StoreEstimate {
  std::string store;
  std::int64_t kept_ms = 0;
  double rows = 0;   // Negative: as many as there are keys, which nobody knows beforehand.
  double bytes = 0;  // Of memory-mapped files.
};

std::vector<StoreEstimate> estimate_state(const job::JobPlan& plan, double records_per_second);

}  // namespace weir::cli
