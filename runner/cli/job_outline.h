// What a job does, in the words of the job file: what was written, and what follows from it.
#pragma once

#include <string>

#include "job/plan.h"

namespace weir::cli {

// Streams, then each pipeline with its steps, sinks and the fields it gives with their types; where
// records go through a repartition topic, and which stores keep something.
std::string job_outline(const job::JobPlan& plan);

}  // namespace weir::cli
