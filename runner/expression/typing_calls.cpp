#include <algorithm>

#include "expression/typing.h"
#include <weir/decimal.h>

namespace weir::expression {

bool Checker::unknown_function(const Expr& e) {
  if (is_aggregate(e.name)) {
    return fail("E210", e.span, e.name + "() belongs under 'fields' of an 'aggregate' step",
                "compute with its result in a 'set' step after it");
  }
  const auto bytes = static_cast<std::uint32_t>(e.name.size());
  fail("E204", {e.span.first, e.span.first + bytes}, "unknown function '" + e.name + "'");
  fault_.word = e.name;
  for (const Function& f : functions()) fault_.known.emplace_back(f.name);
  return false;
}

bool Checker::call(ExprPtr& e) {
  const Function* f = find_function(e->name);
  if (f == nullptr) return unknown_function(*e);
  if (f->name == "now" && !scope_.clock_allowed) {
    return fail("E208", e->span, "now() is allowed in 'set', 'select' and 'log' only",
                "what is kept or dropped must not depend on the clock; use record_time()");
  }
  if (f->name == "now") {
    warnings_.push_back(Fault{"W122", e->span, "now() gives another result when the job runs again",
                              "record_time() is the same in every run"});
  }
  return visit_parts(*e) && arguments(*e, *f) && result(e, *f);
}

bool Checker::arguments(Expr& e, const Function& f) {
  std::string letters;
  std::size_t least = std::string::npos;
  for (const char letter : f.arguments) {
    if (letter == '?') {
      least = letters.size();
    } else if (letter != '+') {
      letters += letter;
    }
  }
  const bool repeats = f.arguments.ends_with('+');
  least = std::min(least, letters.size());
  constexpr std::size_t kArgumentsMax = 100;
  const std::size_t most = repeats ? kArgumentsMax : letters.size();
  if (e.parts.size() < least || e.parts.size() > most) {
    return fail("E205", e.span,
                e.name + "() is called with " + std::to_string(e.parts.size()) + " arguments",
                "it is " + std::string(f.usage));
  }
  for (std::size_t i = 0; i < e.parts.size(); ++i) {
    const char letter = letters[std::min(i, letters.size() - 1)];
    if (!argument(e.parts[i], letter, f)) return false;
  }
  return true;
}

bool Checker::refuse_argument(const Expr& part, std::string_view wanted, const Function& f) {
  return fail("E205", part.span,
              std::string(f.name) + "() takes " + std::string(wanted) + " here, but this is " +
                  part.type.to_string(),
              "it is " + std::string(f.usage));
}

bool Checker::argument(ExprPtr& part, char letter, const Function& f) {
  const Type& type = part->type;
  if (letter == '*' || (type.is(Kind::null) && letter != 'L')) return true;
  const bool any = type.is(Kind::any);
  const auto to = [&](Kind kind) { return convert(part, Type::of(kind)); };
  switch (letter) {
    case 't':
      if (type.is(Kind::date)) return true;
      return any || type.is(Kind::text) ? to(Kind::text) : refuse_argument(*part, "a string", f);
    case 'i':
      return any || type.is(Kind::integer) ? to(Kind::integer)
                                           : refuse_argument(*part, "an int", f);
    case 'n':
      if (any) return to(Kind::real);
      return type.is_number() || refuse_argument(*part, "a number", f);
    case 'T':
      return any || type.is(Kind::time) ? to(Kind::time) : refuse_argument(*part, "a time", f);
    case 'D':
      return type.is(Kind::duration) || refuse_argument(*part, "a duration", f);
    case 'd':
      if (any) return to(Kind::time);
      return type.is(Kind::time) || type.is(Kind::date) ||
             refuse_argument(*part, "a time or a date", f);
    case 'b':
      return condition(part);
    case 'c':
      return any || type.is(Kind::list) || type.is(Kind::map) ||
             refuse_argument(*part, "a list or a map", f);
    case 'L':
      return part->form == Form::literal || refuse_argument(*part, "a literal", f);
    default:
      return true;
  }
}

bool Checker::literal_places(const Expr& e, int& places) {
  if (e.form != Form::literal || e.value.kind() != JsonValue::Kind::kInt || e.value.as_int() < 0 ||
      e.value.as_int() > kDecimalPlacesMax) {
    return fail("E205", e.span, "the number of places is written here: 0 to 18");
  }
  places = static_cast<int>(e.value.as_int());
  return true;
}

bool Checker::rounded(Expr& e) {
  const Type number = e.parts[0]->type;
  if (e.parts.size() == 1 || number.is(Kind::integer)) {
    e.type = Type::of(Kind::integer);
    return true;
  }
  int places = 0;
  if (!literal_places(*e.parts[1], places)) return false;
  e.type = Type::decimal(number.is(Kind::decimal) ? std::min<int>(places, number.places) : places);
  return true;
}

bool Checker::result(ExprPtr& e, const Function& f) {
  std::vector<std::size_t> all(e->parts.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  bool nullable = (f.strict && any_nullable(*e)) || f.may_be_null;
  switch (f.result) {
    case ResultRule::text:
      e->type = Type::of(Kind::text);
      break;
    case ResultRule::integer:
      e->type = Type::of(Kind::integer);
      break;
    case ResultRule::real:
      e->type = Type::of(Kind::real);
      break;
    case ResultRule::boolean:
      e->type = Type::of(Kind::boolean);
      break;
    case ResultRule::time:
      e->type = Type::of(Kind::time);
      break;
    case ResultRule::date:
      e->type = Type::of(Kind::date);
      break;
    case ResultRule::duration:
      e->type = Type::of(Kind::duration);
      break;
    case ResultRule::any:
      e->type = Type::of(Kind::any);
      break;
    case ResultRule::list_of_text:
      e->type = Type::list_of(Type::of(Kind::text));
      break;
    case ResultRule::same:
      e->type = e->parts[0]->type;
      break;
    case ResultRule::rounded:
      if (!rounded(*e)) return false;
      break;
    case ResultRule::scaled: {
      int places = 0;
      if (!literal_places(*e->parts[1], places)) return false;
      e->type = Type::decimal(places);
      break;
    }
    case ResultRule::element: {
      ExprPtr key = std::move(e->parts[1]);
      const Type* inside = e->parts[0]->type.element();
      return look_into(e, std::move(key),
                       inside != nullptr ? inside->or_null() : Type::of(Kind::any).or_null());
    }
    case ResultRule::unified:
      if (f.name == "coalesce") return coalesced(*e);
      if (!unify_parts(*e, all, e->type)) return false;
      break;
    case ResultRule::attempt:
      if (!unify_parts(*e, all, e->type)) return false;
      nullable = any_nullable(*e);
      break;
    case ResultRule::chosen:
      if (!unify_parts(*e, {1, 2}, e->type)) return false;
      nullable = e->parts[1]->type.nullable || e->parts[2]->type.nullable;
      break;
  }
  e->type.nullable = nullable || e->type.is(Kind::any);
  return true;
}

}  // namespace weir::expression
