// The HTTP address of a running job, and questions to it.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/terminal.h"

namespace weir::cli {

// A job as the command line names it: its name, or its file, which says where it listens, too.
struct RunningTarget {
  std::string url{};
  std::string job{};  // Empty: whatever runs there.
};

// `operand`: empty for none. --url goes over what a file says. Nothing when the file is no good
// job, which has been said then, with the exit code in `code`.
std::optional<RunningTarget> running_target(const Call& call, const std::string& operand,
                                            Terminal& terminal, int& code);

// The body of a good answer; else nothing, with what went wrong said and the code to end with.
std::optional<std::string> ask(const std::string& command, const std::string& url,
                               const std::string& path, Terminal& terminal, int& code);

// As it may stand in a URL.
std::string url_quoted(std::string_view text);

}  // namespace weir::cli
