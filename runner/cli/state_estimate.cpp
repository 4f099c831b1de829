#include "cli/state_estimate.h"

#include <algorithm>

namespace weir::cli {

namespace {

// A row's key, its time and what LMDB keeps beside it.
constexpr double kRowBytes = 48;
constexpr double kColumnBytes = 16;

double row_bytes(const job::Schema& schema) {
  return kRowBytes + kColumnBytes * static_cast<double>(job::output_fields(schema).size());
}

void add_join(const job::StepPlan& step, double rate, std::vector<StoreEstimate>& into) {
  const job::JoinPlan& join = *step.join;
  const std::int64_t kept = join.match_once
                                ? std::max(join.remember_ms, join.after_ms + join.delay_ms)
                                : join.before_ms + join.after_ms + join.delay_ms;
  const double rows = 2 * rate * static_cast<double>(kept) / 1000;
  // What was matched is remembered by its key alone.
  const double full = join.match_once
                          ? std::min(1.0, static_cast<double>(join.after_ms + join.delay_ms) /
                                              static_cast<double>(std::max<std::int64_t>(1, kept)))
                          : 1.0;
  const double each = (row_bytes(step.in) + row_bytes(join.right)) / 2;
  into.push_back({step.store, kept, rows, rows * (kRowBytes + full * (each - kRowBytes))});
}

void add_aggregate(const job::StepPlan& step, double rate, std::vector<StoreEstimate>& into) {
  const job::AggregatePlan& plan = *step.aggregate;
  const std::int64_t span = plan.window == job::WindowKind::session ? plan.gap_ms : plan.size_ms;
  const std::int64_t kept = span + plan.grace_ms;
  const double bytes = kRowBytes + 24 * static_cast<double>(plan.aggregates.size());
  if (plan.by.empty() && plan.every_ms > 0) {
    const double windows = static_cast<double>(kept) / static_cast<double>(plan.every_ms) + 1;
    into.push_back({step.store, kept, windows, windows * bytes});
  } else if (plan.window == job::WindowKind::none) {
    into.push_back({step.store, 0, -1, 0});
  } else {
    const double rows = rate * static_cast<double>(kept) / 1000;  // At most: each its own key.
    into.push_back({step.store, kept, rows, rows * bytes});
  }
}

}  // namespace

std::vector<StoreEstimate> estimate_state(const job::JobPlan& plan, double rate) {
  std::vector<StoreEstimate> estimates;
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const job::StepPlan& step : pipeline.steps) {
      if (step.dedupe) {
        const double rows = rate * static_cast<double>(step.dedupe->within_ms) / 1000;
        estimates.push_back({step.store, step.dedupe->within_ms, rows, rows * kRowBytes});
      }
      if (step.join) add_join(step, rate, estimates);
      if (step.aggregate) add_aggregate(step, rate, estimates);
    }
  }
  return estimates;
}

}  // namespace weir::cli
