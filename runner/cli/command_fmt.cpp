#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/format.h"
#include "cli/job_file.h"

namespace weir::cli {

namespace {

int format_stdin(Terminal& terminal) {
  const std::string text((std::istreambuf_iterator<char>(std::cin)),
                         std::istreambuf_iterator<char>());
  const Result<std::string> laid_out = formatted(job::Source("-", text));
  if (!laid_out) return terminal.complain(laid_out.error().text), kBadJob;
  return terminal.print(*laid_out), kGood;
}

int format_file(const std::string& path, bool check_only, Terminal& terminal) {
  const Result<job::Source> source = job::Source::read(path);
  if (!source) return terminal.complain("weir fmt: " + source.error().to_string()), kBadJob;
  const Result<std::string> laid_out = formatted(*source);
  if (!laid_out) return terminal.complain(laid_out.error().text), kBadJob;
  if (*laid_out == source->text()) return kGood;
  terminal.print(path + "\n");
  if (check_only) return kFailed;
  // Beside it first: a full disk must not cost the job.
  const std::string beside = path + ".weir-fmt";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << *laid_out;
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0) {
    std::remove(beside.c_str());
    return terminal.complain("weir fmt: cannot write '" + path + "'"), kCannotCreate;
  }
  return kGood;
}

}  // namespace

int fmt(const Call& call, Terminal& terminal) {
  if (call.operands() == std::vector<std::string>{"-"}) return format_stdin(terminal);
  const Result<std::vector<std::string>> paths = find_jobs(call.operands());
  if (!paths) return terminal.complain("weir fmt: " + paths.error().text), kBadJob;
  int code = kGood;
  for (const std::string& path : *paths) {
    code = std::max(code, format_file(path, call.has("--check"), terminal));
  }
  return code;
}

}  // namespace weir::cli
