// The three jobs from bytes to bytes, a commit included. A RapidJSON DOM parse of the same records
// takes 6,900 (order payment), 24,500 (sliding counts) and 13,800 (order analytics) instructions;
// job_paths.cpp runs it beside us.
#include <vector>

#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"
#include "perf/job_inputs.h"
#include "perf/job_path.h"
#include "perf/workload.h"

namespace weir::perf {
namespace {

constexpr std::size_t kRecords = 2000;

// Each run is later than the one before, so that it closes what that one left open.
class Job : public Workload {
 public:
  Job(const Result<Topology>& topology, std::vector<Fed> fed)
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

struct OrderPayment final : Job {
  OrderPayment() : Job(jobs::order_payment(), orders_and_payments(kRecords / 2)) {}
};
struct SlidingCounts final : Job {
  SlidingCounts() : Job(jobs::sliding_counts(), transactions_in_time(kRecords)) {}
};
struct OrderAnalytics final : Job {
  OrderAnalytics() : Job(jobs::order_analytics(), orders_in_time(kRecords)) {}
};

const bool kOrderPayment = add_workload<OrderPayment>("job_order_payment", kRecords);
const bool kSlidingCounts = add_workload<SlidingCounts>("job_sliding_counts", kRecords);
const bool kOrderAnalytics = add_workload<OrderAnalytics>("job_order_analytics", kRecords);

}  // namespace
}  // namespace weir::perf
