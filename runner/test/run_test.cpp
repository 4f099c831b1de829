#include "test/run_test.h"

#include <algorithm>
#include <fstream>

#include "job/load.h"
#include "test/case_run.h"
#include "test/update.h"

namespace weir::test {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

job::LoadOptions load_options(const TestFile& file) {
  job::LoadOptions options;
  options.set = file.set;
  options.outside.params = file.params;
  options.outside.environment =
      [env = file.env](const std::string& name) -> std::optional<std::string> {
    const auto found = env.find(name);
    return found == env.end() ? std::nullopt : std::optional(found->second);
  };
  options.outside.file = [](const std::string& path) -> Result<std::string> {
    return Error{"a test reads no file '" + path + "'"};
  };
  return options;
}

// The job of a test file, checked and compiled.
struct TestedJob {
  std::optional<job::Source> source;
  std::optional<job::Diagnostics> found;
  job::Loaded loaded;
  std::optional<compile::CompiledJob> compiled;

  // False: `result` says why.
  bool load(const TestFile& file, const std::string& path, FileResult& result) {
    const std::string job_path = file.job.starts_with('/') ? file.job : folder_of(path) + file.job;
    Result<job::Source> read = job::Source::read(job_path);
    if (!read) {
      result.problem = read.error().to_string();
      return false;
    }
    source.emplace(std::move(*read));
    found.emplace(*source);
    loaded = job::load_job(*found, load_options(file));
    if (!loaded.usage) result.problem = loaded.usage.error().to_string();
    if (!loaded.plan) {
      result.found = found->all();
      return false;
    }
    Result<compile::CompiledJob> made = compile::compile(*loaded.plan);
    if (!made) {
      result.problem = job_path + ": " + made.error().to_string();
      return false;
    }
    compiled.emplace(std::move(*made));
    return true;
  }
};

void write_updates(const std::string& path, std::string_view text, std::vector<Update> updates,
                   FileResult& result) {
  if (updates.empty()) return;
  result.updated = static_cast<int>(updates.size());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << updated_text(text, std::move(updates));
  if (!out.flush()) result.problem = "cannot write '" + path + "'";
}

}  // namespace

bool FileResult::passed() const {
  return problem.empty() &&
         std::none_of(found.begin(), found.end(),
                      [](const auto& one) { return one.severity == job::Severity::error; }) &&
         std::none_of(cases.begin(), cases.end(),
                      [](const CaseResult& one) { return one.failure.has_value(); });
}

FileResult run_test_file(const std::string& path, const TestOptions& options) {
  FileResult result;
  result.path = path;
  Result<job::Source> source = job::Source::read(path);
  if (!source) {
    result.problem = source.error().to_string();
    return result;
  }
  job::Diagnostics found(*source);
  const std::optional<TestFile> file = read_test(found);
  result.found = found.all();
  if (!file) return result;
  TestedJob job;
  if (!job.load(*file, path, result)) return result;
  std::vector<Update> updates;
  for (const TestCase& one : file->cases) {
    if (one.name.find(options.filter) == std::string::npos) continue;
    CaseRun run(*file, one, *job.loaded.plan, *job.compiled);
    result.cases.push_back({one.name, one.line, run.run(options.update ? &updates : nullptr)});
  }
  write_updates(path, source->text(), std::move(updates), result);
  return result;
}

}  // namespace weir::test
