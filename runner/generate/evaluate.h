// The expressions of generators: those of jobs, with functions that draw and count.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "expression/syntax.h"
#include "generate/random.h"
#include "generate/value.h"
#include <weir/time.h>

namespace weir::generate {

using Row = std::vector<std::pair<std::string, Value>>;

// What an expression may see while one record is made.
struct Making {
  Random& random;
  std::map<const expression::Expr*, std::int64_t>& counters;  // Of seq().
  Timestamp time = 0;                                         // Of the record.
  const Row* row = nullptr;                                   // Its fields so far.
  const Row* leader = nullptr;                                // The record that this one follows.
  std::string_view leader_name{};
};

// REQUIRES: check_names was content.
Value evaluate(const expression::Expr& expr, Making& making);

// Whether each name is one of `known` and each function is known with so many arguments.
bool check_names(const expression::Expr& expr, const std::vector<std::string>& known,
                 expression::Fault& fault);

// "seq('o-', 6)", ...: for the manual.
std::vector<std::string> function_usages();

}  // namespace weir::generate
