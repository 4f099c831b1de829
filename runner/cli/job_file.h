// Job files as the command line names them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/terminal.h"
#include "job/load.h"

namespace weir::cli {

// A job that was read. The diagnostics refer to the source.
struct JobFile {
  std::unique_ptr<job::Source> source;
  std::unique_ptr<job::Diagnostics> found;
  job::Loaded loaded;
};

// --set and --param with the process's own environment. An Error for what is no NAME=VALUE.
Result<job::LoadOptions> load_options(const Call& call);

// Reads and checks. A file that cannot be read is a finding, too.
JobFile read_job(const std::string& path, const job::LoadOptions& options);

// Says what is wrong with it; returns the exit code, kGood when it has a plan.
int report(const JobFile& file, Terminal& terminal);
// The same without warnings, which are for who writes the job.
int report_errors(const JobFile& file, Terminal& terminal);

// Files as given; of folders, the job files in them, in order. An Error for what is not there.
Result<std::vector<std::string>> find_jobs(const std::vector<std::string>& paths);

// "NAME=VALUE" in two.
std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text);

}  // namespace weir::cli
