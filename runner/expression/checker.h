// Gives every node of an expression its type and every name its slot, or says why it cannot.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "expression/function.h"
#include "expression/schema.h"
#include "expression/syntax.h"

namespace weir::expression {

// A named constant: $name.
struct Param {
  Type type;
  JsonValue value;  // Of a text: a view of `text`.
  std::string text;
};
using Params = std::map<std::string, Param, std::less<>>;

// What an expression may name. REQUIRES: schema and params are not null and outlive the check.
struct Scope {
  Schema* schema = nullptr;  // Gets columns when it is open.
  const Params* params = nullptr;
  bool clock_allowed = false;        // now()
  std::string row = "this record";   // "stream 'orders'": for messages.
  std::vector<std::string> notes{};  // What to add when a field is not known.
};

// Checks the tree and puts conversions into it. On false `fault` says why. Warnings are faults with
// a W code: the tree is good, but perhaps not what was meant.
bool check(ExprPtr& root, const Scope& scope, Fault& fault, std::vector<Fault>& warnings);

// As check; besides, the result has to fit `wanted` and is converted to it. A bool has to be one.
bool check_as(ExprPtr& root, const Type& wanted, const Scope& scope, Fault& fault,
              std::vector<Fault>& warnings);

// Comparisons of fields that may be null and that nothing in the expression tests for null: such a
// comparison is null, and a filter drops the record. W120.
void find_null_comparisons(const Expr& root, std::vector<Fault>& warnings);

// Slots of the fields that cannot be null in a record for which the expression is true.
void find_not_null(const Expr& root, std::vector<int>& slots);

}  // namespace weir::expression
