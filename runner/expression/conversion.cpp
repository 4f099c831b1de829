#include "expression/conversion.h"

#include <algorithm>

#include "expression/arithmetic.h"
#include <weir/decimal.h>

namespace weir::expression {

Conversion conversion(const Expr& e, const Type& to) {
  const Type& from = e.type;
  if (from.is(Kind::null) || to.is(Kind::any)) return Conversion::none;
  if (from.kind == to.kind && (!from.is(Kind::decimal) || from.places == to.places)) {
    return Conversion::none;
  }
  if (from.is(Kind::any)) {
    const bool clear = !to.is(Kind::duration) && !to.is(Kind::null);
    return clear ? Conversion::at_run_time : Conversion::impossible;
  }
  const bool widens = (from.is_exact() && to.is(Kind::real)) ||
                      (from.is_exact() && to.is(Kind::decimal) && from.places <= to.places);
  if (!widens) return Conversion::impossible;
  return e.form == Form::literal ? Conversion::literal : Conversion::at_run_time;
}

void apply(Conversion how, ExprPtr& e, const Type& to) {
  if (how == Conversion::none) return;
  if (how == Conversion::literal) {
    JsonValue value;
    const Failure failure = to.is(Kind::real)
                                ? (value = JsonValue::real(to_double(e->value)), nullptr)
                                : to_decimal(e->value, to.places, value);
    if (failure == nullptr) {
      e->value = value;
      e->type = to.not_null();
      return;
    }
  }
  auto made = std::make_unique<Expr>();
  made->form = Form::convert;
  made->span = e->span;
  made->depth = e->depth + 1;
  made->type = to.not_null().or_null(e->type.nullable);
  made->parts.push_back(std::move(e));
  e = std::move(made);
}

namespace {

// What two numbers make; `any` counts as one.
bool numbers(Form form, const Type& a, const Type& b, Type& type) {
  if (a.is(Kind::any) || b.is(Kind::any)) {
    type = Type::of(Kind::any);
    return true;
  }
  const int places = std::max(a.places, b.places);
  if (a.is(Kind::real) || b.is(Kind::real)) {
    type = Type::of(Kind::real);
  } else if (a.is(Kind::integer) && b.is(Kind::integer)) {
    type = Type::of(form == Form::quotient ? Kind::real : Kind::integer);
  } else if (form == Form::product) {
    type = Type::decimal(std::min(a.places + b.places, kDecimalPlacesMax));
  } else if (form == Form::quotient) {
    type = Type::decimal(std::min(places + 2, kDecimalPlacesMax));
  } else {
    type = Type::decimal(places);
  }
  return true;
}

bool durations(Form form, const Type& a, const Type& b, Type& type) {
  const bool both = a.is(Kind::duration) && b.is(Kind::duration);
  type = Type::of(Kind::duration);
  switch (form) {
    case Form::sum:
    case Form::difference:
    case Form::remainder:
      return both;
    case Form::product:
      return a.is(Kind::integer) || b.is(Kind::integer);
    case Form::quotient:
      if (both) type = Type::of(Kind::real);
      return both || b.is(Kind::integer);
    default:
      return false;
  }
}

bool times(Form form, const Type& a, const Type& b, Type& type) {
  type = Type::of(Kind::time);
  if (form == Form::sum) return a.is(Kind::duration) || b.is(Kind::duration);
  if (form != Form::difference || !a.is(Kind::time)) return false;
  if (b.is(Kind::time)) type = Type::of(Kind::duration);
  return b.is(Kind::time) || b.is(Kind::duration);
}

}  // namespace

bool result_of(Form form, const Type& a, const Type& b, Type& type) {
  if (a.is(Kind::null) || b.is(Kind::null)) {
    type = a.is(Kind::null) ? b.not_null() : a.not_null();
    return type.is_number() || type.is(Kind::any) || type.is(Kind::null);
  }
  const auto is_number = [](const Type& t) { return t.is_number() || t.is(Kind::any); };
  if (is_number(a) && is_number(b)) return numbers(form, a, b, type);
  if (a.is(Kind::time) || b.is(Kind::time)) return times(form, a, b, type);
  if (a.is(Kind::duration) || b.is(Kind::duration)) return durations(form, a, b, type);
  return false;
}

}  // namespace weir::expression
