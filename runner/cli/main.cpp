// weir: the command.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/parse.h"
#include "cli/terminal.h"

int main(int count, char** words) {
  using namespace weir::cli;
  Terminal terminal;
  try {
    const std::vector<std::string> given(words + 1, words + count);
    const Parsed parsed = parse(given);
    if (!parsed.call) {
      if (!parsed.help.empty()) terminal.print(parsed.help);
      if (!parsed.mistake.empty()) terminal.complain(parsed.mistake);
      return parsed.code;
    }
    terminal.set_color(parsed.call->value_or("--color", "auto"));
    terminal.set_quiet(parsed.call->has("--quiet"));
    return parsed.call->command().run(*parsed.call, terminal);
  } catch (const std::exception& failure) {
    terminal.complain(std::string("weir: internal error: ") + failure.what());
    return kInternal;
  }
}
