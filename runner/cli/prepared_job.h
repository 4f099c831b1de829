// A job made ready to be looked at: as `weir run` would make it ready, and nothing is started.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/job_file.h"
#include "cli/terminal.h"
#include "compile/compile.h"
#include "run/job_setup.h"

namespace weir::cli {

struct PreparedJob {
  std::string path{};
  std::unique_ptr<JobFile> file{};
  std::shared_ptr<const job::JobPlan> plan{};
  run::Connection connection{};
  std::vector<compile::CompiledSink> sinks{};  // But for those that are replaced.
  run::JobSetup setup{};
};

// Says what is wrong with it; returns the exit code that `weir run` would end with, kGood when it
// is ready. `who` says it: "weir plan". `judges_sinks`: he looks at what is wrong with sinks.
int prepare_job(const Call& call, const std::string& path, const std::string& who,
                PreparedJob& into, Terminal& terminal, bool judges_sinks = false);

}  // namespace weir::cli
