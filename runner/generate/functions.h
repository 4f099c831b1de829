// The functions that generators draw their values with.
#pragma once

#include <string>
#include <vector>

#include "generate/evaluate.h"

namespace weir::generate {

// REQUIRES: refusal_of_call() had nothing to say.
Value call(const expression::Expr& call, Making& making);

// Why this is no call of a function; empty when it is one.
std::string refusal_of_call(const expression::Expr& call);

std::vector<std::string> function_names();

}  // namespace weir::generate
