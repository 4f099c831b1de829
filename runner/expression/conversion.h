// Which types become which, and what arithmetic makes of them.
#pragma once

#include "expression/syntax.h"

namespace weir::expression {

enum class Conversion { none, literal, at_run_time, impossible };

// How `e` becomes a `to`: not at all, since it is one; now, since it is a literal; for each record;
// or never. Nothing is ever lost: an int becomes a decimal or a float, a decimal one with more
// places, and what is `any` is looked at when the record is there.
Conversion conversion(const Expr& e, const Type& to);

// Does what `conversion` said. REQUIRES: it was not impossible.
void apply(Conversion how, ExprPtr& e, const Type& to);

// The type of `a form b`, without null; false when the form does not take these types.
bool result_of(Form form, const Type& a, const Type& b, Type& type);

}  // namespace weir::expression
