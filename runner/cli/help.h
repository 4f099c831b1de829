// What `weir --help`, `weir COMMAND --help` and the manual say, from the table of commands.
#pragma once

#include <string>

#include "cli/command.h"

namespace weir::cli {

std::string overview();
std::string help_of(const CommandSpec& command);
// weir(1), all commands, in roff.
std::string manual();

}  // namespace weir::cli
