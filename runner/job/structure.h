// The shape of a job file, checked by the tables of the language before anything is read from it.
#pragma once

#include "job/diagnostic.h"
#include "job/language.h"
#include "job/yaml.h"

namespace weir::job {

// Unknown and missing keys, values of the wrong kind, scalars that are no duration, size, name.
// A tree without findings can be read without further looks at its shape.
void check_structure(const Node& root, Diagnostics& found);

// True for values that are not constants: ${...} is not replaced there, and --set replaces them as
// expressions.
bool is_expression(Want want);

}  // namespace weir::job
