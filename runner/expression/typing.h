// The walk over an expression that types it. For checker.h, which is what to include.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expression/checker.h"

namespace weir::expression {

class Checker {
 public:
  Checker(const Scope& scope, Fault& fault, std::vector<Fault>& warnings)
      : scope_(scope), fault_(fault), warnings_(warnings) {}

  bool visit(ExprPtr& e);

 private:
  bool fail(std::string code, Span span, std::string text, std::string hint = "");
  bool mismatch(const Expr& e, const std::string& text, std::string hint = "");

  bool visit_parts(Expr& e);
  static bool any_nullable(const Expr& e);

  // Names.
  bool field(Expr& e, const std::string& path);
  bool unknown_field(const Expr& e, const std::string& path);
  bool param(Expr& e);
  bool member(ExprPtr& e);
  bool element(ExprPtr& e);
  // The dotted name when `e` is nothing but names.
  static bool dotted(const Expr& e, std::string& path);
  static ExprPtr text_literal(const std::string& text, Span span);
  // Makes `e` the call at(owner, key), converted to what is declared there.
  bool look_into(ExprPtr& e, ExprPtr key, const Type& type);

  // Conversions.
  bool convert(ExprPtr& e, const Type& to);
  // Brings the parts with these indexes to one type.
  bool unify_parts(Expr& e, const std::vector<std::size_t>& which, Type& type);
  bool condition(ExprPtr& e);

  // Operators.
  bool logic(Expr& e);
  bool negative(Expr& e);
  bool arithmetic(Expr& e);
  bool refuse_arithmetic(const Expr& e, const Type& a, const Type& b);
  static std::string_view sign_of(Form form);
  // Whether both can be compared; a text literal beside a time or date becomes one.
  bool comparable(ExprPtr& a, ExprPtr& b, bool order);
  bool meet(const ExprPtr& typed, ExprPtr& literal);
  bool comparison(Expr& e);
  bool membership(Expr& e);
  bool range(Expr& e);
  bool pattern(Expr& e);
  bool null_test(Expr& e);
  bool coalesced(Expr& e);
  bool choice(Expr& e);

  // Calls.
  bool call(ExprPtr& e);
  bool arguments(Expr& e, const Function& f);
  bool argument(ExprPtr& part, char letter, const Function& f);
  bool refuse_argument(const Expr& part, std::string_view wanted, const Function& f);
  bool result(ExprPtr& e, const Function& f);
  bool rounded(Expr& e);
  bool literal_places(const Expr& e, int& places);
  bool unknown_function(const Expr& e);

  const Scope& scope_;
  Fault& fault_;
  std::vector<Fault>& warnings_;
};

}  // namespace weir::expression
