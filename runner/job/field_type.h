// Types as they are written under `fields`.
//
//   type = ( "string" | "int" | "float" | "bool" | "time" | "date" | "any" | "decimal(" digits ")"
//   )
//          [ " or null" ]
//        | { name: type, ... } | [type]
#pragma once

#include <string_view>

#include "expression/schema.h"
#include "job/diagnostic.h"
#include "job/yaml.h"

namespace weir::job {

// False when the text is no type.
bool parse_scalar_type(std::string_view text, expression::Type& type);

// The type that stands in `node`; on false a finding E209 says why not.
bool read_type(const Node& node, Diagnostics& found, expression::Type& type);

// The columns of a stream: one for each field, and one for each field of a map among them.
// `fields: any` gives an open schema.
expression::Schema read_fields(const Node& fields, Diagnostics& found);

}  // namespace weir::job
