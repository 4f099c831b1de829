#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "job/diagnostic_print.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

std::string counted(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

std::string printed(const std::vector<job::Diagnostic>& found, std::string_view format,
                    const Terminal& terminal) {
  if (format == "json") return job::print_json(found);
  if (format == "sarif") return job::print_sarif(found, kVersion);
  if (format == "github") return job::print_github(found);
  const bool pretty = format == "pretty" || (format == "" && Terminal::is_terminal(stdout));
  return pretty ? job::print_pretty(found, terminal.colors_results()) : job::print_plain(found);
}

}  // namespace

int validate(const Call& call, Terminal& terminal) {
  const Result<job::LoadOptions> options = load_options(call);
  if (!options) return terminal.complain("weir validate: " + options.error().text), kUsage;
  const Result<std::vector<std::string>> paths = find_jobs(call.operands());
  if (!paths) return terminal.complain("weir validate: " + paths.error().text), kBadJob;
  std::vector<job::Diagnostic> found;
  std::size_t errors = 0;
  std::size_t good = 0;
  for (const std::string& path : *paths) {
    const JobFile file = read_job(path, *options);
    if (!file.loaded.usage) {
      terminal.complain("weir validate: " + file.loaded.usage.error().to_string());
      return kUsage;
    }
    const auto& all = file.found->all();
    found.insert(found.end(), all.begin(), all.end());
    errors += file.found->errors();
    good += all.empty() ? 1 : 0;
  }
  terminal.print(printed(found, call.value_or("--format", ""), terminal));
  std::string summary = counted(errors, "error") + ", " +
                        counted(found.size() - errors, "warning") + " in " +
                        counted(paths->size() - good, "file");
  if (found.empty()) summary = counted(good, "file") + (good == 1 ? " is good" : " are good");
  if (!found.empty() && good > 0)
    summary += "; " + counted(good, "file") + (good == 1 ? " is" : " are") + " good";
  terminal.say(summary);
  return errors > 0 || (call.has("--strict") && !found.empty()) ? kBadJob : kGood;
}

}  // namespace weir::cli
