// The JSON Schema of job files, for editors: printed from the tables that the reader checks by.
#pragma once

#include <string>

namespace weir::job {

// JSON Schema, draft 7, with a line end. No anyOf and no oneOf: an editor can complete keys, and
// its messages name the real fault.
std::string job_schema();

}  // namespace weir::job
