// From a file to a plan.
//
//   Source source = *Source::read("jobs/order-payments.yaml");
//   Diagnostics found(source);
//   std::optional<JobPlan> plan = load_job(found, {.outside = Outside::of_process()});
//   if (!plan) fail(print_plain(found.all()));
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job/diagnostic.h"
#include "job/outside.h"
#include "job/plan.h"

namespace weir::job {

struct LoadOptions {
  Outside outside{};
  std::vector<std::pair<std::string, std::string>> set{};  // --set PATH=VALUE
  bool check_addresses = true;  // Of the servers of sinks; false: somebody else will.
};

// Why a --set cannot be: exit 64, unlike everything that is wrong with the file.
struct Loaded {
  std::optional<JobPlan> plan;  // Absent when `found` has errors.
  Status usage;                 // Of --set.
  std::string redacted_json;    // The job as it counts, without its secrets.
};

// Reads, completes and checks the job. Findings, sorted by place, go to `found`; warnings do not
// keep it from having a plan.
Loaded load_job(Diagnostics& found, const LoadOptions& options);

// The first half: only what needs no checking of the meaning. For `weir fmt` and tests.
std::optional<Node> load_tree(Diagnostics& found, const LoadOptions& options, Status& usage);

// Checks a complete tree. REQUIRES: check_structure found nothing in it.
std::optional<JobPlan> check_job(const Node& root, Diagnostics& found);

}  // namespace weir::job
