// How `weir fmt` lays out a job file. Comments and the order of keys stay as they are.
#pragma once

#include <string>

#include "job/source.h"
#include <weir/error.h>

namespace weir::cli {

// No blanks at line ends, no tabs there, at most one empty line in a row, one line end at the end,
// `==` for `=` in expressions. What a file means never changes: an Error when it is no YAML.
Result<std::string> formatted(const job::Source& source);

}  // namespace weir::cli
