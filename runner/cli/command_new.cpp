#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/templates.h"
#include "job/scalar.h"

namespace weir::cli {

namespace {

// Never over a file that is there.
bool write_new(const std::string& path, const std::string& text, Terminal& terminal) {
  FILE* const file = std::fopen(path.c_str(), "wx");
  if (file == nullptr) {
    terminal.complain("weir new: " + path + ": " + std::strerror(errno));
    return false;
  }
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written) {
    terminal.complain("weir new: " + path + " cannot be written");
    return false;
  }
  terminal.print(path + "\n");
  return true;
}

}  // namespace

int make_new(const Call& call, Terminal& terminal) {
  const std::string& name = call.operands().front();
  if (!job::is_dash_name(name)) {
    terminal.complain("weir new: '" + name + "' is no name of a job: a-z, 0-9 and -");
    return kUsage;
  }
  const NewFiles files = new_files(call.value_or("--template", "hello"), name);
  if (!write_new(name + ".yaml", files.job, terminal) ||
      !write_new(name + ".test.yaml", files.test, terminal) ||
      !write_new(name + ".generate.yaml", files.generator, terminal)) {
    return kCannotCreate;
  }
  terminal.say("next:\n  weir test " + name + ".test.yaml\n  weir produce " + name +
               ".generate.yaml\n  weir run " + name + ".yaml");
  return kGood;
}

}  // namespace weir::cli
