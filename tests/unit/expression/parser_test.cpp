#include <gtest/gtest.h>

#include "expression/syntax.h"

namespace weir::expression {
namespace {

// The tree with all its parentheses.
std::string shown(const Expr& e) {
  std::string all;
  const auto list = [&](std::string_view word) {
    for (const ExprPtr& part : e.parts) all += (all.empty() ? "" : " ") + shown(*part);
    return "(" + std::string(word) + (e.negated ? "! " : " ") + all + ")";
  };
  constexpr std::string_view kRelations[] = {"==", "!=", "<", "<=", ">", ">="};
  switch (e.form) {
    case Form::literal:
      if (e.type.is(Kind::text)) return "'" + e.name + "'";
      if (e.type.is(Kind::null)) return "null";
      if (e.type.is(Kind::boolean)) return e.value.as_bool() ? "true" : "false";
      if (e.type.is(Kind::duration)) return std::to_string(e.value.as_int()) + "ms";
      if (e.type.is(Kind::decimal))
        return std::to_string(e.value.units()) + "e-" + std::to_string(e.value.places());
      return e.type.is(Kind::real) ? std::to_string(e.value.as_double())
                                   : std::to_string(e.value.as_int());
    case Form::field:
      return e.name;
    case Form::param:
      return "$" + e.name;
    case Form::member:
      return "(. " + shown(*e.parts[0]) + " " + e.name + ")";
    case Form::element:
      return list("[]");
    case Form::call:
      return list(e.name);
    case Form::negative:
      return list("neg");
    case Form::negation:
      return list("not");
    case Form::both:
      return list("and");
    case Form::either:
      return list("or");
    case Form::sum:
      return list("+");
    case Form::difference:
      return list("-");
    case Form::product:
      return list("*");
    case Form::quotient:
      return list("/");
    case Form::remainder:
      return list("%");
    case Form::compare:
      return list(kRelations[static_cast<int>(e.relation)]);
    case Form::is_null:
      return list("null?");
    case Form::in:
      return list("in");
    case Form::like:
      return list("like");
    case Form::between:
      return list("between");
    case Form::coalesce:
      return list("??");
    case Form::choice:
      return list("case");
    case Form::convert:
      return list("convert");
  }
  return "";
}

std::string tree(std::string_view text) {
  Fault fault;
  const ExprPtr e = parse(text, fault);
  return e ? shown(*e)
           : fault.code + " " + std::to_string(fault.span.first) + " " + fault.text + " | " +
                 fault.hint;
}

TEST(Parser, BindsAsInSql) {
  EXPECT_EQ(tree("a or b and not c == d"), "(or a (and b (not (== c d))))");
  EXPECT_EQ(tree("a + b * -c % d"), "(+ a (% (* b (neg c)) d))");
  EXPECT_EQ(tree("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(tree("a ?? b + 1 > c"), "(> (?? a (+ b 1)) c)");
  EXPECT_EQ(tree("(a or b) and c"), "(and (or a b) c)");
  EXPECT_EQ(tree("a and b and c and d"), "(and a b c d)");
  EXPECT_EQ(tree("not not a"), "(not (not a))");
  EXPECT_EQ(tree("--a"), "(neg (neg a))");
}

TEST(Parser, ReadsEveryComparison) {
  EXPECT_EQ(tree("a = b"), "(== a b)");
  EXPECT_EQ(tree("a != 1.50"), "(!= a 150e-2)");
  EXPECT_EQ(tree("a is not null"), "(null?! a)");
  EXPECT_EQ(tree("a not in (1, 'x')"), "(in! a 1 'x')");
  EXPECT_EQ(tree("a like 'x%'"), "(like a 'x%')");
  EXPECT_EQ(tree("a not between 1 and 2 and b"), "(and (between! a 1 2) b)");
}

TEST(Parser, ReadsPathsCallsAndCases) {
  EXPECT_EQ(tree("a.b[0].c"), "(. ([] (. a b) 0) c)");
  EXPECT_EQ(tree("f()"), "(f )");
  EXPECT_EQ(tree("f(a, 15m, $p)"), "(f a 900000ms $p)");
  EXPECT_EQ(tree("like(a, b)"), "(like a b)");
  EXPECT_EQ(tree("case when a then 1 when b then 2 else 3 end"), "(case a 1 b 2 3)");
  EXPECT_EQ(tree("'it''s'"), "'it's'");
  EXPECT_EQ(tree("1e3"), "1000.000000");
}

TEST(Parser, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(tree(""), "E203 0 the expression ends where a value should be | ");
  EXPECT_EQ(tree("a +"), "E203 3 the expression ends where a value should be | ");
  EXPECT_EQ(tree("a b"), "E203 2 found 'b' where the end of the expression should be | ");
  EXPECT_EQ(tree("(a"), "E203 2 the expression ends where ')' should be | ");
  EXPECT_EQ(tree("f(a"), "E203 3 the expression ends where ',' or ')' should be | ");
  EXPECT_EQ(tree("a in ()"), "E203 0 the list after 'in' is empty | ");
  EXPECT_EQ(tree("a is 5"), "E203 5 found '5' where 'null' should be | ");
  EXPECT_EQ(tree("a not b"), "E203 6 found 'b' where 'in', 'like' or 'between' should be | ");
  EXPECT_EQ(tree("case a"), "E203 5 found 'a' where 'when' should be | ");
  EXPECT_EQ(tree("case when a then b"),
            "E203 18 the expression ends where 'when', 'else' or 'end' should be | ");
  EXPECT_EQ(tree("and"), "E203 0 found 'and' where a value should be | ");
  EXPECT_EQ(tree("a."), "E203 2 the expression ends where a field's name should be | ");
  EXPECT_EQ(tree("99999999999999999999").substr(0, 31), "E203 0 this number does not fit");
}

TEST(Lexer, NamesHabitsOfOtherLanguages) {
  EXPECT_NE(tree("a && b").find("written 'and'"), std::string::npos);
  EXPECT_NE(tree("a || b").find("concat"), std::string::npos);
  EXPECT_NE(tree("!a").find("written 'not'"), std::string::npos);
  EXPECT_NE(tree("a == \"x\"").find("single quotes"), std::string::npos);
  EXPECT_NE(tree("a ? b : c").find("case when"), std::string::npos);
  EXPECT_NE(tree("a <> b").find("'!='"), std::string::npos);
  EXPECT_NE(tree("${A}").find("params"), std::string::npos);
  EXPECT_NE(tree("5min").find("durations are"), std::string::npos);
  EXPECT_NE(tree("'a").find("never closed"), std::string::npos);
  EXPECT_NE(tree("$").find("a name must follow"), std::string::npos);
  EXPECT_NE(tree("\x01").find("not part of the language"), std::string::npos);
}

TEST(Lexer, DurationsHaveUnits) {
  std::int64_t millis = 0;
  EXPECT_TRUE(parse_duration("200ms", millis));
  EXPECT_EQ(millis, 200);
  EXPECT_TRUE(parse_duration("7d", millis));
  EXPECT_EQ(millis, 604'800'000);
  for (const char* bad :
       {"", "5", "s", "-5s", "5x", "5 s", "99999999999999999999s", "9223372036854775807s"}) {
    EXPECT_FALSE(parse_duration(bad, millis)) << bad;
  }
}

TEST(Parser, RefusesDepthNotLength) {
  const auto repeated = [](std::string_view unit, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += unit;
    return text;
  };
  EXPECT_EQ(tree(repeated("(", 5'000) + "a").substr(0, 4), "E213");
  EXPECT_EQ(tree(repeated("not ", 1'000) + "a").substr(0, 4), "E213");
  EXPECT_EQ(tree(repeated("-", 1'000) + "a").substr(0, 4), "E213");
  EXPECT_EQ(tree("a" + repeated("+a", 1'000)).substr(0, 4), "E213");
  EXPECT_EQ(tree(repeated("f(", 1'000)).substr(0, 4), "E213");
  EXPECT_EQ(tree("a" + repeated(" and a", 1'000)).substr(0, 4), "(and");
  EXPECT_EQ(tree(repeated("(", 150) + "a" + repeated(")", 150)), "a");
  EXPECT_EQ(tree(std::string(20'000, ' ')).substr(0, 4), "E203");
}

TEST(Type, UnifiesWithoutLoss) {
  const auto both = [](const Type& a, const Type& b) {
    Type into;
    return unify(a, b, into) ? into.to_string() : "no";
  };
  const Type i = Type::of(Kind::integer);
  EXPECT_EQ(both(i, Type::decimal(2)), "decimal(2)");
  EXPECT_EQ(both(Type::decimal(4).or_null(), Type::decimal(2)), "decimal(4) or null");
  EXPECT_EQ(both(i, Type::of(Kind::real)), "float");
  EXPECT_EQ(both(i, Type::of(Kind::null)), "int or null");
  EXPECT_EQ(both(i, Type::of(Kind::any)), "any");
  EXPECT_EQ(both(i, Type::of(Kind::text)), "no");
  EXPECT_EQ(both(Type::of(Kind::time), Type::of(Kind::date)), "no");
}

}  // namespace
}  // namespace weir::expression
