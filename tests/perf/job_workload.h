// A job as a workload: its records, then a commit.
#pragma once

#include <utility>
#include <vector>

#include "perf/job_inputs.h"
#include "perf/job_path.h"
#include "perf/workload.h"

namespace weir::perf {

inline constexpr std::size_t kJobRecords = 2000;

// Each run is later than the one before, so that it closes what that one left open.
class JobWorkload : public Workload {
 public:
  JobWorkload(const Result<Topology>& topology, std::vector<Fed> fed)
      : path_(*topology), fed_(std::move(fed)) {}

  void run() override {
    for (const Fed& record : fed_) path_.add(record.topic, record.value, record.time + later_ms_);
    path_.commit();
    later_ms_ += fed_.back().time - fed_.front().time + 1;
  }

 private:
  JobPath path_;
  std::vector<Fed> fed_;
  Timestamp later_ms_ = 0;
};

}  // namespace weir::perf
