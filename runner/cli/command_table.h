// The parts of the table of commands, and the flags that they share.
#pragma once

#include <vector>

#include "cli/command.h"

namespace weir::cli {

Flags outside_flags();  // Of commands that read a job file.
Flags kafka_flags();    // Of commands that go to the brokers.

// For who looks after a running job.
std::vector<CommandSpec> commands_of_operators();

}  // namespace weir::cli
