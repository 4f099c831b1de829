// What a running job answers about its steps and its state: for `weir top`, `weir tap`, and whoever
// asks for a key.
#pragma once

#include "cli/progress.h"
#include "http/server.h"

namespace weir::cli {

// /api/v1/top                    numbers of every step, stream and sink
// /api/v1/tap                    ?job=&step=&in=&out=&rate= opens a tap; ?id=&where= fetches, and
//                                with close=1 ends it
// /api/v1/state                  stores and disks
// /api/v1/state/STORE            ?key=&from=&to=&limit= rows
//
// REQUIRES: `jobs` outlives the pages.
void add_step_pages(const RunningJobs& jobs, http::Pages& pages);

}  // namespace weir::cli
