// What `weir new` begins with.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

struct NewFiles {
  std::string job;
  std::string test;
  std::string generator;
};

// REQUIRES: `kind` is one of those that the table of commands names.
NewFiles new_files(std::string_view kind, const std::string& name);

}  // namespace weir::cli
