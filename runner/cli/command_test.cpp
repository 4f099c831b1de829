#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/layout.h"
#include "test/report.h"
#include "test/run_test.h"

namespace weir::cli {

namespace {

namespace fs = std::filesystem;

bool looks_like_a_test(const fs::path& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("test:")) return true;
  }
  return false;
}

// A folder stands for the test files in it.
std::vector<std::string> find_tests(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const std::string& path : paths) {
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
      found.push_back(path);
      continue;
    }
    std::vector<std::string> here;
    for (const auto& entry :
         fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      const bool yaml = entry.path().extension() == ".yaml" || entry.path().extension() == ".yml";
      if (entry.is_regular_file() && yaml && looks_like_a_test(entry.path())) {
        here.push_back(entry.path().string());
      }
    }
    std::ranges::sort(here);
    found.insert(found.end(), here.begin(), here.end());
  }
  return found;
}

std::string for_people(const std::string& text) {
  return Terminal::is_terminal(stdout) ? fitted(text, Terminal::columns(stdout)) : text;
}

bool could_run(const test::FileResult& result) { return result.passed() || !result.cases.empty(); }

}  // namespace

int run_tests(const Call& call, Terminal& terminal) {
  const std::vector<std::string> paths = find_tests(call.operands());
  if (paths.empty()) return terminal.complain("weir test: there is no test file"), kBadJob;
  test::TestOptions options;
  options.filter = call.value_or("--filter", "");
  options.update = call.has("--update");
  std::vector<test::FileResult> results;
  for (const std::string& path : paths) results.push_back(test::run_test_file(path, options));
  const std::string format = call.value_or("--format", "text");
  terminal.print(format == "json"    ? test::print_json(results)
                 : format == "junit" ? test::print_junit(results)
                                     : for_people(test::print_text(results)));
  if (!std::ranges::all_of(results, could_run)) return kBadJob;
  const bool passed =
      std::ranges::all_of(results, [](const auto& result) { return result.passed(); });
  return passed ? kGood : kFailed;
}

}  // namespace weir::cli
