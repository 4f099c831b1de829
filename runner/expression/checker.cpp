#include "expression/checker.h"

#include <algorithm>

#include "expression/conversion.h"
#include "expression/typing.h"

namespace weir::expression {

namespace {

void compared_fields(const Expr& e, std::vector<const Expr*>& fields) {
  if (e.form == Form::field) fields.push_back(&e);
  const bool through = e.form == Form::convert || e.form == Form::sum ||
                       e.form == Form::difference || e.form == Form::product ||
                       e.form == Form::quotient || e.form == Form::remainder ||
                       e.form == Form::negative;
  if (!through) return;
  for (const ExprPtr& part : e.parts) compared_fields(*part, fields);
}

void tested_fields(const Expr& e, std::vector<int>& slots) {
  if (e.form == Form::is_null && e.parts[0]->form == Form::field) {
    slots.push_back(e.parts[0]->slot);
  }
  for (const ExprPtr& part : e.parts) tested_fields(*part, slots);
}

bool is_comparison(const Expr& e) {
  return e.form == Form::compare || e.form == Form::in || e.form == Form::between ||
         e.form == Form::like;
}

void null_comparisons(const Expr& e, const std::vector<int>& tested, std::vector<Fault>& found) {
  if (is_comparison(e)) {
    std::vector<const Expr*> fields;
    for (const ExprPtr& part : e.parts) compared_fields(*part, fields);
    for (const Expr* field : fields) {
      const bool safe = !field->type.nullable || field->type.is(Kind::any) ||
                        std::find(tested.begin(), tested.end(), field->slot) != tested.end();
      if (safe) continue;
      found.push_back(Fault{"W120", field->span,
                            "'" + field->name + "' may be null, and then this is not true",
                            "say what null means, as in '" + field->name +
                                " is not null and ...' or '" + field->name + " ?? ...'"});
      return;
    }
  }
  for (const ExprPtr& part : e.parts) null_comparisons(*part, tested, found);
}

}  // namespace

bool check(ExprPtr& root, const Scope& scope, Fault& fault, std::vector<Fault>& warnings) {
  const std::size_t before = warnings.size();
  const bool good = Checker(scope, fault, warnings).visit(root);
  // A field that is now() and nothing else says when it was processed: that is no accident.
  if (root->form == Form::call && root->name == "now") warnings.resize(before);
  return good;
}

bool check_as(ExprPtr& root, const Type& wanted, const Scope& scope, Fault& fault,
              std::vector<Fault>& warnings) {
  if (!check(root, scope, fault, warnings)) return false;
  const Conversion how = conversion(*root, wanted);
  if (how == Conversion::impossible || (root->type.is(Kind::null) && wanted.is(Kind::boolean))) {
    if (wanted.is(Kind::boolean)) {
      fault = Fault{"E207", root->span,
                    "a condition is true or false, but this is " + root->type.to_string()};
    } else {
      fault = {
          "E202", root->span,
          "this is " + root->type.to_string() + ", but " + wanted.to_string() + " is needed here"};
    }
    return false;
  }
  apply(how, root, wanted);
  return true;
}

void find_null_comparisons(const Expr& root, std::vector<Fault>& warnings) {
  std::vector<int> tested;
  tested_fields(root, tested);
  null_comparisons(root, tested, warnings);
}

void find_not_null(const Expr& root, std::vector<int>& slots) {
  if (root.form == Form::both) {
    for (const ExprPtr& part : root.parts) find_not_null(*part, slots);
  } else if (root.form == Form::is_null && root.negated && root.parts[0]->form == Form::field) {
    slots.push_back(root.parts[0]->slot);
  } else if (is_comparison(root)) {
    // A list after `in` may decide without looking at all of it: only the left side counts.
    const std::size_t count = root.form == Form::in ? 1 : root.parts.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<const Expr*> fields;
      compared_fields(*root.parts[i], fields);
      for (const Expr* field : fields) slots.push_back(field->slot);
    }
  }
}

}  // namespace weir::expression
