// Sinks of a running job that do not answer, so that what goes to them waits.
#pragma once

#include <map>
#include <string>

#include "run/running_job.h"

namespace weir::cli {

// By its name, what each of them says.
std::map<std::string, std::string> waiting_sinks(const run::RunningJob& job);

// {"mongodb":"..."}
std::string waiting_json(const std::map<std::string, std::string>& waiting);

}  // namespace weir::cli
