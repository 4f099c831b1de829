// Scripts that make shells complete `weir`, from the table of commands.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

// `shell`: bash, zsh or fish.
std::string completion_script(std::string_view shell);

}  // namespace weir::cli
