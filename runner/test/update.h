// Puts what came out into a test file, in place of what was expected.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "test/case_run.h"

namespace weir::test {

// `text` with the records of each expectation replaced. Comments between replaced records go with
// them; everything else stays as it is.
std::string updated_text(std::string_view text, std::vector<Update> updates);

}  // namespace weir::test
