#include "expression/typing.h"

#include <algorithm>

#include "expression/arithmetic.h"
#include "expression/conversion.h"
#include <weir/decimal.h>
#include <weir/time_format.h>

namespace weir::expression {

bool Checker::visit(ExprPtr& e) {
  switch (e->form) {
    case Form::literal:
    case Form::convert:
      return true;
    case Form::field:
      return field(*e, e->name);
    case Form::param:
      return param(*e);
    case Form::member:
      return member(e);
    case Form::element:
      return element(e);
    case Form::call:
      return call(e);
    case Form::negative:
      return negative(*e);
    case Form::negation:
    case Form::both:
    case Form::either:
      return logic(*e);
    case Form::sum:
    case Form::difference:
    case Form::product:
    case Form::quotient:
    case Form::remainder:
      return arithmetic(*e);
    case Form::compare:
      return comparison(*e);
    case Form::is_null:
      return null_test(*e);
    case Form::in:
      return membership(*e);
    case Form::between:
      return range(*e);
    case Form::like:
      return pattern(*e);
    case Form::coalesce:
      return coalesced(*e);
    case Form::choice:
      return choice(*e);
  }
  return true;
}

bool Checker::fail(std::string code, Span span, std::string text, std::string hint) {
  fault_ = Fault{std::move(code), span, std::move(text), std::move(hint)};
  return false;
}

bool Checker::mismatch(const Expr& e, const std::string& text, std::string hint) {
  return fail("E202", e.span, text, std::move(hint));
}

bool Checker::visit_parts(Expr& e) {
  for (ExprPtr& part : e.parts) {
    if (!visit(part)) return false;
  }
  return true;
}

bool Checker::any_nullable(const Expr& e) {
  return std::any_of(e.parts.begin(), e.parts.end(), [](const ExprPtr& part) {
    return part->type.nullable || part->type.is(Kind::null);
  });
}

bool Checker::field(Expr& e, const std::string& path) {
  int slot = scope_.schema->find(path);
  if (slot < 0 && scope_.schema->open) {
    slot = scope_.schema->add(path, Type::of(Kind::any).or_null());
  }
  if (slot < 0) return unknown_field(e, path);
  e.form = Form::field;
  e.name = path;
  e.slot = slot;
  e.type = scope_.schema->columns[static_cast<std::size_t>(slot)].type;
  e.parts.clear();
  return true;
}

bool Checker::unknown_field(const Expr& e, const std::string& path) {
  fail("E201", e.span, "unknown field '" + path + "' in " + scope_.row);
  fault_.word = path;
  std::string known;
  for (const Column& column : scope_.schema->columns) {
    // A field of a joined record is often named without the record.
    if (column.name.ends_with("." + path)) fault_.hint = "did you mean '" + column.name + "'?";
    if (column.presence) continue;
    fault_.known.push_back(column.name);
    if (column.parent == Column::kTopLevel) known += (known.empty() ? "" : ", ") + column.name;
  }
  fault_.notes.push_back("fields of " + scope_.row + ": " + (known.empty() ? "none" : known));
  fault_.notes.insert(fault_.notes.end(), scope_.notes.begin(), scope_.notes.end());
  return false;
}

bool Checker::param(Expr& e) {
  const auto found = scope_.params->find(e.name);
  if (found == scope_.params->end()) {
    fail("E206", e.span, "unknown parameter '$" + e.name + "'",
         "declare it under 'params' at the top of the job");
    fault_.word = e.name;
    for (const auto& entry : *scope_.params) fault_.known.push_back(entry.first);
    return false;
  }
  e.form = Form::literal;
  e.type = found->second.type;
  e.name = found->second.text;
  e.value = e.type.is(Kind::text) ? JsonValue::string(e.name) : found->second.value;
  return true;
}

bool Checker::dotted(const Expr& e, std::string& path) {
  if (e.form == Form::field) {
    path = e.name;
    return true;
  }
  if (e.form != Form::member || !dotted(*e.parts[0], path)) return false;
  path += "." + e.name;
  return true;
}

bool Checker::member(ExprPtr& e) {
  std::string path;
  if (dotted(*e, path)) {
    if (scope_.schema->open || scope_.schema->find(path) >= 0) return field(*e, path);
  }
  ExprPtr& owner = e->parts[0];
  if (!visit(owner)) return false;
  if (owner->form == Form::field &&
      scope_.schema->columns[static_cast<std::size_t>(owner->slot)].presence) {
    return unknown_field(*e, path);
  }
  const std::string name = e->name;
  if (owner->type.is(Kind::map) && owner->type.shape) {
    const Type* type = owner->type.field(name);
    if (type == nullptr) {
      return fail("E201", e->span, "unknown field '" + name + "' in " + owner->type.to_string());
    }
    return look_into(e, text_literal(name, e->span), type->or_null());
  }
  if (!owner->type.is(Kind::any) && !owner->type.is(Kind::map)) {
    return mismatch(*e, "'." + name + "' needs a map, but this is " + owner->type.to_string());
  }
  return look_into(e, text_literal(name, e->span), Type::of(Kind::any).or_null());
}

ExprPtr Checker::text_literal(const std::string& text, Span span) {
  auto made = std::make_unique<Expr>();
  made->span = span;
  made->name = text;
  made->type = Type::of(Kind::text);
  made->value = JsonValue::string(made->name);
  return made;
}

bool Checker::look_into(ExprPtr& e, ExprPtr key, const Type& type) {
  e->form = Form::call;
  e->name = "at";
  e->parts.resize(1);
  e->parts.push_back(std::move(key));
  e->type = Type::of(Kind::any).or_null();
  return type.is(Kind::any) || convert(e, type);
}

bool Checker::element(ExprPtr& e) {
  if (!visit_parts(*e)) return false;
  const Type& owner = e->parts[0]->type;
  if (!owner.is(Kind::list) && !owner.is(Kind::map) && !owner.is(Kind::any)) {
    return mismatch(*e, "'[...]' needs a list or a map, but this is " + owner.to_string());
  }
  const bool list = owner.is(Kind::list);
  const Type wanted = Type::of(list ? Kind::integer : Kind::text);
  if (!owner.is(Kind::any) && e->parts[1]->type.kind != wanted.kind &&
      !e->parts[1]->type.is(Kind::any)) {
    return mismatch(*e->parts[1], "between '[' and ']' stands " +
                                      std::string(list ? "an int" : "a string") + ", but this is " +
                                      e->parts[1]->type.to_string());
  }
  const Type* inside = owner.element();
  const Type type = inside != nullptr ? inside->or_null() : Type::of(Kind::any).or_null();
  ExprPtr key = std::move(e->parts[1]);
  return look_into(e, std::move(key), type);
}

bool Checker::convert(ExprPtr& e, const Type& to) {
  const Conversion can = conversion(*e, to);
  if (can == Conversion::impossible) {
    const std::string hint =
        e->type.is(Kind::any) && (to.is(Kind::time) || to.is(Kind::date)) ? "use to_time(...)" : "";
    return mismatch(
        *e, "this is " + e->type.to_string() + ", but " + to.to_string() + " is needed here", hint);
  }
  apply(can, e, to);
  return true;
}

bool Checker::unify_parts(Expr& e, const std::vector<std::size_t>& which, Type& type) {
  type = e.parts[which[0]]->type;
  for (const std::size_t i : which) {
    Type both;
    if (!unify(type, e.parts[i]->type, both)) {
      return mismatch(*e.parts[i],
                      "this is " + e.parts[i]->type.to_string() + ", but the value before it is " +
                          type.to_string(),
                      "both have to be of one kind; to_string() and its like convert");
    }
    type = both;
  }
  for (const std::size_t i : which) {
    if (!convert(e.parts[i], type)) return false;
  }
  return true;
}

bool Checker::condition(ExprPtr& e) {
  if (e->type.is(Kind::boolean) || e->type.is(Kind::null)) return true;
  if (e->type.is(Kind::any)) return convert(e, Type::of(Kind::boolean));
  return fail("E207", e->span, "a condition is true or false, but this is " + e->type.to_string());
}

bool Checker::logic(Expr& e) {
  if (!visit_parts(e)) return false;
  for (ExprPtr& part : e.parts) {
    if (!condition(part)) return false;
  }
  e.type = Type::of(Kind::boolean).or_null(any_nullable(e));
  return true;
}

bool Checker::negative(Expr& e) {
  if (!visit_parts(e)) return false;
  const Type& type = e.parts[0]->type;
  if (!type.is_number() && !type.is(Kind::duration) && !type.is(Kind::any)) {
    return mismatch(e, "'-' needs a number or a duration, but this is " + type.to_string());
  }
  e.type = type;
  if (e.parts[0]->form != Form::literal) return true;
  JsonValue negated;
  if (negate(e.parts[0]->value, negated) != nullptr) return true;
  e.form = Form::literal;
  e.value = negated;
  e.parts.clear();
  return true;
}

bool Checker::arithmetic(Expr& e) {
  if (!visit_parts(e)) return false;
  const Type& a = e.parts[0]->type;
  const Type& b = e.parts[1]->type;
  if (!result_of(e.form, a, b, e.type)) return refuse_arithmetic(e, a, b);
  e.type.nullable = any_nullable(e) || e.type.is(Kind::any);
  return true;
}

bool Checker::refuse_arithmetic(const Expr& e, const Type& a, const Type& b) {
  std::string hint;
  if (a.is(Kind::text) || b.is(Kind::text)) hint = "to join texts use concat(a, b)";
  if (a.is(Kind::date) || b.is(Kind::date)) hint = "use to_time(...) to count with days";
  if (a.is(Kind::any) || b.is(Kind::any)) hint = "use to_time(...) to count with times";
  return mismatch(
      e, std::string(sign_of(e.form)) + " cannot take " + a.to_string() + " and " + b.to_string(),
      hint);
}

std::string_view Checker::sign_of(Form form) {
  switch (form) {
    case Form::sum:
      return "'+'";
    case Form::difference:
      return "'-'";
    case Form::product:
      return "'*'";
    case Form::quotient:
      return "'/'";
    default:
      return "'%'";
  }
}

bool Checker::comparable(ExprPtr& a, ExprPtr& b, bool order) {
  if (!meet(a, b) || !meet(b, a)) return false;
  const Type& x = a->type;
  const Type& y = b->type;
  if (x.is(Kind::null) || y.is(Kind::null)) {
    return mismatch(x.is(Kind::null) ? *a : *b, "a comparison with null is never true",
                    "write 'is null' or 'is not null'");
  }
  const bool scalar =
      !x.is(Kind::list) && !x.is(Kind::map) && !y.is(Kind::list) && !y.is(Kind::map);
  const auto fits_any = [](const Type& t) {
    return t.is_number() || t.is(Kind::text) || t.is(Kind::boolean) || t.is(Kind::any);
  };
  const bool fits = (x.is_number() && y.is_number()) || x.kind == y.kind ||
                    (x.is(Kind::any) && fits_any(y)) || (y.is(Kind::any) && fits_any(x));
  if (!scalar || !fits) {
    const bool time = x.is(Kind::time) || y.is(Kind::time);
    return mismatch(*b, "cannot compare " + x.to_string() + " and " + y.to_string(),
                    time ? "use to_time(...)" : "");
  }
  if (order && x.is(Kind::boolean) && y.is(Kind::boolean)) {
    return mismatch(*b, "true and false have no order", "use == or !=");
  }
  return true;
}

bool Checker::meet(const ExprPtr& typed, ExprPtr& literal) {
  if (literal->form != Form::literal || !literal->type.is(Kind::text)) return true;
  if (!typed->type.is(Kind::time) && !typed->type.is(Kind::date)) return true;
  Timestamp time = 0;
  const bool date = typed->type.is(Kind::date);
  if (!parse_time(literal->name, {}, time) || (date && literal->name.size() != 10)) {
    return mismatch(*literal,
                    "'" + literal->name + "' is no " + std::string(date ? "date" : "time"),
                    date ? "write it as '2025-03-01'" : "write it as '2025-03-01T10:00:00Z'");
  }
  literal->type = Type::of(typed->type.kind);
  if (!date) literal->value = JsonValue::time(time);
  return true;
}

bool Checker::comparison(Expr& e) {
  if (!visit_parts(e)) return false;
  const bool order = e.relation != Relation::equal && e.relation != Relation::unequal;
  if (!comparable(e.parts[0], e.parts[1], order)) return false;
  e.type = Type::of(Kind::boolean).or_null(any_nullable(e));
  return true;
}

bool Checker::membership(Expr& e) {
  if (!visit_parts(e)) return false;
  for (std::size_t i = 1; i < e.parts.size(); ++i) {
    if (e.parts[i]->type.is(Kind::null)) continue;
    if (!comparable(e.parts[0], e.parts[i], false)) return false;
  }
  e.type = Type::of(Kind::boolean).or_null(any_nullable(e));
  return true;
}

bool Checker::range(Expr& e) {
  if (!visit_parts(e)) return false;
  if (!comparable(e.parts[0], e.parts[1], true) || !comparable(e.parts[0], e.parts[2], true)) {
    return false;
  }
  e.type = Type::of(Kind::boolean).or_null(any_nullable(e));
  return true;
}

bool Checker::pattern(Expr& e) {
  if (!visit_parts(e)) return false;
  for (ExprPtr& part : e.parts) {
    if (!convert(part, Type::of(Kind::text))) return false;
  }
  e.type = Type::of(Kind::boolean).or_null(any_nullable(e));
  return true;
}

bool Checker::null_test(Expr& e) {
  if (!visit_parts(e)) return false;
  e.type = Type::of(Kind::boolean);
  return true;
}

bool Checker::coalesced(Expr& e) {
  if (!visit_parts(e)) return false;
  std::vector<std::size_t> all(e.parts.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (!unify_parts(e, all, e.type)) return false;
  e.type.nullable = std::all_of(e.parts.begin(), e.parts.end(), [](const ExprPtr& part) {
    return part->type.nullable || part->type.is(Kind::null);
  });
  return true;
}

bool Checker::choice(Expr& e) {
  if (!visit_parts(e)) return false;
  std::vector<std::size_t> values;
  for (std::size_t i = 0; i + 1 < e.parts.size(); i += 2) {
    if (!condition(e.parts[i])) return false;
    values.push_back(i + 1);
  }
  const bool otherwise = e.parts.size() % 2 == 1;
  if (otherwise) values.push_back(e.parts.size() - 1);
  if (!unify_parts(e, values, e.type)) return false;
  e.type.nullable = !otherwise;
  for (const std::size_t i : values) {
    e.type.nullable = e.type.nullable || e.parts[i]->type.nullable;
  }
  return true;
}

}  // namespace weir::expression
