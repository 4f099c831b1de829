// The three jobs from bytes to bytes, a commit included. A RapidJSON DOM parse of the same records
// takes 6,900 (order payment), 24,500 (sliding counts) and 13,800 (order analytics) instructions;
// job_paths.cpp runs it beside us.
#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"
#include "jobs/whole.h"
#include "perf/job_inputs.h"
#include "perf/job_workload.h"

namespace weir::perf {
namespace {

struct OrderPayment final : JobWorkload {
  OrderPayment() : JobWorkload(jobs::order_payment(), orders_and_payments(kJobRecords / 2)) {}
};
struct SlidingCounts final : JobWorkload {
  SlidingCounts() : JobWorkload(jobs::sliding_counts(), transactions_in_time(kJobRecords)) {}
};
struct OrderAnalytics final : JobWorkload {
  OrderAnalytics() : JobWorkload(jobs::order_analytics(), orders_in_time(kJobRecords)) {}
};

// As the job files have them: yaml_jobs.cpp counts those.
struct WholeOrderPayment final : JobWorkload {
  WholeOrderPayment()
      : JobWorkload(jobs::whole::order_payment(), orders_and_payments(kJobRecords / 2)) {}
};
struct WholeSlidingCounts final : JobWorkload {
  WholeSlidingCounts()
      : JobWorkload(jobs::whole::sliding_counts(), transactions_in_time(kJobRecords)) {}
};
struct WholeOrderAnalytics final : JobWorkload {
  WholeOrderAnalytics()
      : JobWorkload(jobs::whole::order_analytics(), orders_in_time(kJobRecords)) {}
};

const bool kOrderPayment = add_workload<OrderPayment>("job_order_payment", kJobRecords);
const bool kSlidingCounts = add_workload<SlidingCounts>("job_sliding_counts", kJobRecords);
const bool kOrderAnalytics = add_workload<OrderAnalytics>("job_order_analytics", kJobRecords);
const bool kWholePayment = add_workload<WholeOrderPayment>("whole_order_payment", kJobRecords);
const bool kWholeCounts = add_workload<WholeSlidingCounts>("whole_sliding_counts", kJobRecords);
const bool kWholeAnalytics =
    add_workload<WholeOrderAnalytics>("whole_order_analytics", kJobRecords);

}  // namespace
}  // namespace weir::perf
