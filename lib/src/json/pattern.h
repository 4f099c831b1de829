// The patterns of JSON Schema that RapidJSON compiles and matches as the standard says. It asserts
// on some others and takes '^' and '$' for the whole pattern wherever they stand.
//
//   pattern  = ["^"] branches ["$"], without anchors when there is a "|" outside of parentheses
//   branches = branch ("|" branch)*           branch = (atom [quantifier])+
//   atom     = "(" branches ")" | "[" ["^"] class+ "]" | "." | escape | any other character
//   class    = character ["-" character]
//   escape   = "\" one of ^$|()?*+.[]{}\fnrtv
//   quantifier = "*" | "+" | "?" | "{" n ["," [m]] "}"
//
// A pattern that fits the empty text needs both anchors: without them it fits everything, which
// RapidJSON does not see.
#pragma once

#include <string_view>

namespace weir::json {

bool is_plain_pattern(std::string_view pattern);

}  // namespace weir::json
