#include "expression/checker.h"

#include <gtest/gtest.h>

#include "unit/expression/evaluating.h"

namespace weir::expression {
namespace {

struct Row {
  const char* text;
  const char* type;
};

void expect_types(std::initializer_list<Row> rows) {
  Desk desk;
  for (const Row& row : rows) EXPECT_EQ(desk.type_of(row.text), row.type) << row.text;
}

void expect_refused(std::string_view text, std::string_view code, std::string_view part) {
  Desk desk;
  const std::string said = desk.type_of(text);
  EXPECT_EQ(said.find("refused: " + std::string(code)), 0U) << text << ": " << said;
  EXPECT_NE(said.find(part), std::string::npos) << text << ": " << said;
}

TEST(Checker, TypesFollowFromTheFields) {
  expect_types({{"i + 1", "int"},
                {"i + d", "decimal(2)"},
                {"d * 1.5", "decimal(3)"},
                {"d / i", "decimal(4)"},
                {"i / i", "float"},
                {"d + f", "float"},
                {"t - t", "duration"},
                {"t + 1s", "time"},
                {"1h * i", "duration"},
                {"1h / 1s", "float"},
                {"d > 1", "bool"},
                {"ni > 1", "bool or null"},
                {"ni is null", "bool"},
                {"ni ?? 1", "int"},
                {"ni ?? null", "int or null"},
                {"case when b then 1 end", "int or null"},
                {"case when b then 1 else 0.5 end", "decimal(1)"},
                {"x + 1", "any"},
                {"x > 1", "bool or null"},
                {"list", "[int]"},
                {"list[0]", "int or null"},
                {"items[0].price", "decimal(2) or null"},
                {"split(s, ',')", "[string]"},
                {"round(d)", "int"},
                {"round(d, 1)", "decimal(1)"},
                {"round(d, 5)", "decimal(2)"},
                {"round(f, 3)", "decimal(3)"},
                {"to_decimal(s, 4)", "decimal(4)"},
                {"date(t)", "date"},
                {"try(i % 0, ni)", "int or null"},
                {"if(b, d, 1)", "decimal(2)"},
                {"min_of(i, d)", "decimal(2)"},
                {"min_of(i, ni)", "int or null"},
                {"header('a')", "string or null"},
                {"user", "{id: string}"},
                {"-ni", "int or null"},
                {"nd * 2", "decimal(2) or null"},
                {"i + null", "int or null"},
                {"hash(ni)", "int"},
                {"1.000000000000000000 * 1.5", "decimal(18)"}});
}

TEST(Checker, UnknownNamesNameTheNearest) {
  Desk desk;
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse("amnt + 1", fault);
  EXPECT_FALSE(check(root, desk.scope(), fault, warnings));
  EXPECT_EQ(fault.code, "E201");
  EXPECT_EQ(fault.word, "amnt");
  EXPECT_EQ(fault.span, (Span{0, 4}));
  EXPECT_EQ(fault.known[0], "i");
  expect_refused("uper(s)", "E204", "unknown function 'uper'");
  expect_refused("$bgi", "E206", "unknown parameter '$bgi'");
  expect_refused("id", "E201", "did you mean 'user.id'?");
  expect_refused("user.name", "E201", "unknown field 'name'");
}

TEST(Checker, RefusesWhatHasNoMeaning) {
  expect_refused("s + 1", "E202", "concat(a, b)");
  expect_refused("s + s", "E202", "concat(a, b)");
  expect_refused("day + 1d", "E202", "to_time");
  expect_refused("t + t", "E202", "'+' cannot take time and time");
  expect_refused("t * 2", "E202", "'*' cannot take time and int");
  expect_refused("1s + 1", "E202", "cannot take duration and int");
  expect_refused("-s", "E202", "needs a number");
  expect_refused("s > 1", "E202", "cannot compare string and int");
  expect_refused("t > 'soon'", "E202", "is no time");
  expect_refused("day == '1.3.2025'", "E202", "is no date");
  expect_refused("ni == null", "E202", "'is null'");
  expect_refused("list == list", "E202", "cannot compare");
  expect_refused("b < true", "E202", "no order");
  expect_refused("x > t", "E202", "to_time");
  expect_refused("not i", "E207", "true or false, but this is int");
  expect_refused("i and b", "E207", "this is int");
  expect_refused("case when i then 1 end", "E207", "this is int");
  expect_refused("case when b then 1 else 'a' end", "E202", "the value before it is int");
  expect_refused("ns ?? 1", "E202", "before it is string");
  expect_refused("s.part", "E202", "needs a map");
  expect_refused("s[0]", "E202", "needs a list or a map");
  expect_refused("list['a']", "E202", "stands an int");
}

TEST(Checker, ArgumentsHaveKinds) {
  expect_refused("upper(i)", "E205", "takes a string here, but this is int");
  expect_refused("upper()", "E205", "called with 0 arguments");
  expect_refused("upper(s, s)", "E205", "it is upper(text)");
  expect_refused("seconds(t)", "E205", "takes a duration");
  expect_refused("year(i)", "E205", "a time or a date");
  expect_refused("size(s)", "E205", "a list or a map");
  expect_refused("round(d, i)", "E205", "a literal");
  expect_refused("round(d, 99)", "E205", "0 to 18");
  expect_refused("to_decimal(s, 'a')", "E205", "0 to 18");
  expect_refused("if(i, 1, 2)", "E207", "this is int");
  expect_refused("substr(s, 'a')", "E205", "takes an int");
}

TEST(Checker, AggregatesBelongElsewhere) {
  expect_refused("sum(i)", "E210", "'aggregate' step");
  expect_refused("count() > 1", "E210", "'set' step");
}

TEST(Checker, TheClockIsAllowedWhereNothingDependsOnIt) {
  Desk desk;
  Scope scope = desk.scope();
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr alone = parse("now()", fault);
  EXPECT_TRUE(check(alone, scope, fault, warnings));
  EXPECT_TRUE(warnings.empty());
  ExprPtr inside = parse("now() - t", fault);
  EXPECT_TRUE(check(inside, scope, fault, warnings));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].code, "W122");
  scope.clock_allowed = false;
  EXPECT_FALSE(check(inside, scope, fault, warnings));
  EXPECT_EQ(fault.code, "E208");
}

TEST(Checker, OpenRowsGetColumnsAsTheyAreNamed) {
  Schema schema;
  schema.open = true;
  schema.add("", Type::of(Kind::any));
  const Params none;
  Scope scope;
  scope.schema = &schema;
  scope.params = &none;
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse("a.b.c > 1 and status == 'x' and a.b.c < 3", fault);
  ASSERT_TRUE(check(root, scope, fault, warnings)) << fault.text;
  ASSERT_EQ(schema.columns.size(), 3U);
  EXPECT_EQ(schema.columns[1].name, "a.b.c");
  EXPECT_EQ(schema.columns[2].name, "status");
}

TEST(Checker, ResultsFitWhatIsWanted) {
  Desk desk;
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse("i + 1", fault);
  EXPECT_FALSE(check_as(root, Type::of(Kind::boolean), desk.scope(), fault, warnings));
  EXPECT_EQ(fault.code, "E207");
  root = parse("i + 1", fault);
  EXPECT_TRUE(check_as(root, Type::decimal(2), desk.scope(), fault, warnings));
  EXPECT_EQ(root->type.to_string(), "decimal(2)");
  root = parse("s", fault);
  EXPECT_FALSE(check_as(root, Type::of(Kind::time), desk.scope(), fault, warnings));
  EXPECT_EQ(fault.code, "E202");
}

std::vector<std::string> null_warnings(std::string_view text) {
  Desk desk;
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse(text, fault);
  EXPECT_TRUE(check(root, desk.scope(), fault, warnings)) << text;
  find_null_comparisons(*root, warnings);
  std::vector<std::string> names;
  for (const Fault& w : warnings)
    names.emplace_back(text.substr(w.span.first, w.span.last - w.span.first));
  return names;
}

TEST(NullComparisons, AreFoundUnlessTested) {
  EXPECT_EQ(null_warnings("ni > 1"), std::vector<std::string>{"ni"});
  EXPECT_EQ(null_warnings("i > 1"), std::vector<std::string>{});
  EXPECT_EQ(null_warnings("ni is not null and ni > 1"), std::vector<std::string>{});
  EXPECT_EQ(null_warnings("(ni ?? 0) > 1"), std::vector<std::string>{});
  EXPECT_EQ(null_warnings("ni + 1 > i or ns like 'a'"), (std::vector<std::string>{"ni", "ns"}));
}

std::vector<int> not_null(std::string_view text) {
  Desk desk;
  Fault fault;
  std::vector<Fault> warnings;
  ExprPtr root = parse(text, fault);
  EXPECT_TRUE(check(root, desk.scope(), fault, warnings)) << text;
  std::vector<int> slots;
  find_not_null(*root, slots);
  return slots;
}

TEST(NotNull, FollowsFromWhatIsTrue) {
  Desk desk;
  const int ni = desk.schema.find("ni");
  const int ns = desk.schema.find("ns");
  EXPECT_EQ(not_null("ni is not null"), std::vector<int>{ni});
  EXPECT_EQ(not_null("ni > 1 and ns == 'a'"), (std::vector<int>{ni, ns}));
  EXPECT_EQ(not_null("ni > 1 or ns == 'a'"), std::vector<int>{});
  EXPECT_EQ(not_null("ni is null"), std::vector<int>{});
  EXPECT_EQ(not_null("(ni ?? 1) > 0"), std::vector<int>{});
  EXPECT_EQ(not_null("i in (1, ni)"), std::vector<int>{0});
}

}  // namespace
}  // namespace weir::expression
