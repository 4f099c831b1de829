#include "cli/job_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/exit_code.h"
#include "compile/compile.h"
#include "job/diagnostic_print.h"

namespace weir::cli {

namespace fs = std::filesystem;

std::optional<std::pair<std::string, std::string>> split_pair(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0) return std::nullopt;
  return std::pair(text.substr(0, sign), text.substr(sign + 1));
}

Result<job::LoadOptions> load_options(const Call& call) {
  job::LoadOptions options{.outside = job::Outside::of_process()};
  for (const std::string& text : call.values("--set")) {
    const auto pair = split_pair(text);
    if (!pair) return Error{"--set takes PATH=VALUE, not '" + text + "'"};
    options.set.push_back(*pair);
  }
  for (const std::string& text : call.values("--param")) {
    const auto pair = split_pair(text);
    if (!pair) return Error{"--param takes NAME=VALUE, not '" + text + "'"};
    options.outside.params[pair->first] = pair->second;
  }
  return options;
}

namespace {

// The line of a key at the top of a job file.
job::Place place_of_key(std::string_view text, const std::string& key) {
  const std::size_t at = text.starts_with(key + ":") ? 0 : text.find("\n" + key + ":");
  if (at == std::string_view::npos) return {};
  return {at == 0 ? 0 : at + 1, key.size()};
}

// What an error of the compiler is about: it names the step or the stream.
job::Place place_of(const Error& error, const job::JobPlan& plan, std::string_view text) {
  const auto names = [&](const std::string& what) {
    return error.text.find("'" + what + "'") != std::string::npos;
  };
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const job::StepPlan& step : pipeline.steps) {
      if (error.text.starts_with("step ") && names(step.id)) return step.place;
    }
  }
  for (std::size_t i = plan.streams.size(); i-- > 0;) {
    if (error.text.starts_with("streams ") && names(plan.streams[i].name)) {
      return plan.streams[i].place;
    }
  }
  const bool policy = names("errors") || names("stop_above");
  return place_of_key(text, policy ? "errors" : "job");
}

// The language can say more than this version runs.
void check_that_it_runs(JobFile& file) {
  if (!file.loaded.plan) return;
  const auto compiled = compile::compile(*file.loaded.plan);
  if (compiled) return;
  const Error& error = compiled.error();
  file.found->error("E330", place_of(error, *file.loaded.plan, file.source->text()), error.text)
      .hint = error.hint;
  file.loaded.plan.reset();
}

}  // namespace

JobFile read_job(const std::string& path, const job::LoadOptions& options) {
  JobFile file;
  Result<job::Source> source = job::Source::read(path);
  const bool there = static_cast<bool>(source);
  file.source = std::make_unique<job::Source>(there ? std::move(*source) : job::Source(path, ""));
  file.found = std::make_unique<job::Diagnostics>(*file.source);
  if (there) {
    file.loaded = job::load_job(*file.found, options);
    check_that_it_runs(file);
  } else {
    file.found->error("E001", {}, source.error().text).hint = source.error().hint;
  }
  return file;
}

int report(const JobFile& file, Terminal& terminal) {
  if (!file.loaded.usage) {
    terminal.complain(file.loaded.usage.error().to_string());
    return kUsage;
  }
  const std::string text = job::print_pretty(file.found->all(), terminal.colors_words());
  if (!text.empty() && (file.found->has_errors() || !terminal.quiet())) {
    terminal.complain(std::string_view(text).substr(0, text.size() - 1));
  }
  return file.loaded.plan ? kGood : kBadJob;
}

int report_errors(const JobFile& file, Terminal& terminal) {
  const bool good = file.loaded.usage && file.loaded.plan;
  return good ? static_cast<int>(kGood) : report(file, terminal);
}

namespace {

// Tests and generators are YAML, too.
bool looks_like_a_job(const fs::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("job:")) return true;
  }
  return false;
}

void add_folder(const fs::path& folder, std::vector<std::string>& found) {
  std::vector<std::string> here;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
    const fs::path& path = entry.path();
    const bool yaml = path.extension() == ".yaml" || path.extension() == ".yml";
    if (entry.is_regular_file() && yaml && looks_like_a_job(path)) here.push_back(path.string());
  }
  std::ranges::sort(here);
  found.insert(found.end(), here.begin(), here.end());
}

}  // namespace

Result<std::vector<std::string>> find_jobs(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (std::string path : paths) {
    if (path.ends_with("...")) path = path.size() == 3 ? "." : path.substr(0, path.size() - 4);
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
      found.push_back(path);
      continue;
    }
    const std::size_t before = found.size();
    add_folder(path, found);
    if (found.size() == before) return Error{"there is no job file in '" + path + "'"};
  }
  return found;
}

}  // namespace weir::cli
