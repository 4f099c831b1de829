// What test files came to, for people and for machines.
#pragma once

#include <span>
#include <string>

#include "test/run_test.h"

namespace weir::test {

// Failures with a table of what was expected and what came out; a line of totals.
std::string print_text(std::span<const FileResult> results);
std::string print_json(std::span<const FileResult> results);
std::string print_junit(std::span<const FileResult> results);

}  // namespace weir::test
