#include "generate/evaluate.h"

#include <algorithm>

#include "generate/functions.h"
#include "job/diagnostic.h"

namespace weir::generate {

namespace {

using expression::Expr;
using expression::Form;
using expression::Relation;

// "orders.amount" of a member of a name, else nothing.
std::string dotted(const Expr& e) {
  if (e.form == Form::field) return e.name;
  if (e.form != Form::member || e.parts.empty()) return "";
  const std::string owner = dotted(*e.parts[0]);
  return owner.empty() ? "" : owner + "." + e.name;
}

Value literal(const Expr& e) {
  switch (e.value.kind()) {
    case JsonValue::Kind::kBool:
      return Value::boolean(e.value.as_bool());
    case JsonValue::Kind::kInt:
      return Value::exact(e.value.as_int());
    case JsonValue::Kind::kDecimal:
      return Value::exact(e.value.units(), e.value.places());
    case JsonValue::Kind::kDouble:
      return Value::number(e.value.as_double());
    case JsonValue::Kind::kString:
      return Value::of_text(e.name);
    default:
      return e.type.is(expression::Kind::text) ? Value::of_text(e.name) : Value();
  }
}

Value field(const std::string& name, const Making& making) {
  if (making.row != nullptr) {
    for (const auto& [known, value] : *making.row) {
      if (known == name) return value;
    }
  }
  if (making.leader != nullptr && name.starts_with(std::string(making.leader_name) + ".")) {
    const std::string_view rest = std::string_view(name).substr(making.leader_name.size() + 1);
    for (const auto& [known, value] : *making.leader) {
      if (known == rest) return value;
    }
  }
  return {};
}

bool related(Relation relation, int order) {
  switch (relation) {
    case Relation::equal:
      return order == 0;
    case Relation::unequal:
      return order != 0;
    case Relation::less:
      return order < 0;
    case Relation::less_equal:
      return order <= 0;
    case Relation::greater:
      return order > 0;
    case Relation::greater_equal:
      return order >= 0;
  }
  return false;
}

Value compared(const Expr& e, Making& making) {
  const Value a = evaluate(*e.parts[0], making);
  const Value b = evaluate(*e.parts[1], making);
  if (a.is_null() || b.is_null()) return {};
  return Value::boolean(related(e.relation, compare(a, b)));
}

Value chosen(const Expr& e, Making& making) {
  std::size_t i = 0;
  for (; i + 1 < e.parts.size(); i += 2) {
    if (evaluate(*e.parts[i], making).is_true()) return evaluate(*e.parts[i + 1], making);
  }
  return i < e.parts.size() ? evaluate(*e.parts[i], making) : Value();
}

Value one_of_many(const Expr& e, Making& making) {
  const Value value = evaluate(*e.parts[0], making);
  for (std::size_t i = 1; i < e.parts.size(); ++i) {
    const Value other = evaluate(*e.parts[i], making);
    if (value.kind == other.kind && compare(value, other) == 0) return Value::boolean(!e.negated);
  }
  return Value::boolean(e.negated);
}

Value both_or_either(const Expr& e, Making& making, bool stop) {
  for (const auto& part : e.parts) {
    if (evaluate(*part, making).is_true() == stop) return Value::boolean(stop);
  }
  return Value::boolean(!stop);
}

Value within(const Expr& e, Making& making) {
  const Value value = evaluate(*e.parts[0], making);
  const bool inside = compare(value, evaluate(*e.parts[1], making)) >= 0 &&
                      compare(value, evaluate(*e.parts[2], making)) <= 0;
  return Value::boolean(inside != e.negated);
}

char sign_of(Form form) {
  if (form == Form::sum) return '+';
  if (form == Form::difference) return '-';
  if (form == Form::product) return '*';
  return form == Form::quotient ? '/' : '%';
}

}  // namespace

Value evaluate(const Expr& e, Making& making) {
  switch (e.form) {
    case Form::literal:
      return literal(e);
    case Form::field:
    case Form::member:
      return field(dotted(e), making);
    case Form::call:
      return call(e, making);
    case Form::negative:
      return calculate('-', Value::exact(0), evaluate(*e.parts[0], making));
    case Form::negation:
      return Value::boolean(!evaluate(*e.parts[0], making).is_true());
    case Form::both:
      return both_or_either(e, making, false);
    case Form::either:
      return both_or_either(e, making, true);
    case Form::compare:
      return compared(e, making);
    case Form::is_null:
      return Value::boolean(evaluate(*e.parts[0], making).is_null() != e.negated);
    case Form::in:
      return one_of_many(e, making);
    case Form::between:
      return within(e, making);
    case Form::choice:
      return chosen(e, making);
    case Form::coalesce: {
      Value first = evaluate(*e.parts[0], making);
      return first.is_null() ? evaluate(*e.parts[1], making) : first;
    }
    case Form::sum:
    case Form::difference:
    case Form::product:
    case Form::quotient:
    case Form::remainder:
      return calculate(sign_of(e.form), evaluate(*e.parts[0], making),
                       evaluate(*e.parts[1], making));
    default:
      return {};
  }
}

bool check_names(const Expr& e, const std::vector<std::string>& known, expression::Fault& fault) {
  const auto refuse = [&](std::string code, std::string text, std::string hint = "") {
    fault = {
        .code = std::move(code), .span = e.span, .text = std::move(text), .hint = std::move(hint)};
    return false;
  };
  const std::string name = dotted(e);
  if (!name.empty()) {
    if (std::ranges::find(known, name) != known.end()) return true;
    return refuse("E201", "there is no field '" + name + "' before this one",
                  job::did_you_mean(name, known));
  }
  if (e.form == Form::param || e.form == Form::like || e.form == Form::element ||
      e.form == Form::member) {
    return refuse("E203", "generators cannot do this");
  }
  if (e.form == Form::call) {
    const std::string mistake = refusal_of_call(e);
    if (!mistake.empty()) {
      return refuse("E203", mistake, job::did_you_mean(e.name, function_names()));
    }
  }
  return std::ranges::all_of(e.parts,
                             [&](const auto& part) { return check_names(*part, known, fault); });
}

}  // namespace weir::generate
