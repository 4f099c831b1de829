// What the steps of a job keep, in words. The DSL sees one row type for all of them, so without
// this a changed job would read rows and aggregates that an earlier version of it wrote.
#pragma once

#include "job/plan.h"
#include <weir/error.h>
#include <weir/topology.h>

namespace weir::compile {

// The same topology, whose stores say what is in them: a change of it changes the fingerprint.
Result<Topology> with_state_forms(const Topology& topology, const job::JobPlan& plan);

}  // namespace weir::compile
