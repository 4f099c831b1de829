// The pages that running jobs have on HTTP.
#pragma once

#include "cli/progress.h"
#include "http/server.h"

namespace weir::cli {

// /metrics, /livez, /readyz, /startupz, /api/v1/job, /api/v1/config, and those of step_pages.h.
http::Pages pages_of(const RunningJobs& jobs);

}  // namespace weir::cli
