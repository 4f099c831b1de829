// Reads a command line by the table of commands.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "cli/command.h"

namespace weir::cli {

struct Parsed {
  std::optional<Call> call;
  // Why there is no call: text to show, and the code to end with. Help is no mistake.
  std::string help{};
  std::string mistake{};
  int code = 0;
};

// `words` without the program's name.
Parsed parse(std::span<const std::string> words);

}  // namespace weir::cli
