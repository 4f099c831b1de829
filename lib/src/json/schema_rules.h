// Which JSON Schema texts RapidJSON's validator obeys to the letter. It ignores what it does not
// know, a value of the wrong type as well as a keyword; here that is an error.
#pragma once

#include <rapidjson/document.h>

#include <weir/error.h>

namespace weir::json {

// The first thing wrong with `schema`, with its place.
Status check_schema(const rapidjson::Value& schema);

}  // namespace weir::json
