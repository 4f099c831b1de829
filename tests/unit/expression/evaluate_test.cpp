#include <gtest/gtest.h>

#include "unit/expression/evaluating.h"

namespace weir::expression::evaluate_test {
namespace {

struct Row {
  const char* text;
  const char* result;
};

void expect_all(std::initializer_list<Row> rows) {
  Desk desk;
  for (const Row& row : rows) EXPECT_EQ(desk(row.text), row.result) << row.text;
}

TEST(Evaluate, LiteralsAndFields) {
  expect_all({{"1", "int 1"},
              {"1.50", "decimal(2) 1.50"},
              {"1e3", "float 1000"},
              {"'it''s'", "string it's"},
              {"true", "bool true"},
              {"null", "null"},
              {"15m", "int 900000"},
              {"i", "int 7"},
              {"d", "decimal(2) 10.50"},
              {"user.id", "string u1"},
              {"$big", "int 100"},
              {"$word", "string Hello"},
              {"t", "time 2025-03-01T10:00:00Z"}});
}

TEST(Evaluate, ArithmeticOfInts) {
  expect_all({{"i + 1", "int 8"},
              {"i - 10", "int -3"},
              {"i * -3", "int -21"},
              {"-i", "int -7"},
              {"i / 2", "float 3.5"},
              {"i % 4", "int 3"},
              {"-i % 4", "int -3"},
              {"2 + 3 * 4", "int 14"},
              {"(2 + 3) * 4", "int 20"},
              {"10 - 4 - 3", "int 3"}});
}

TEST(Evaluate, ArithmeticOfDecimals) {
  // Sum and difference: the larger number of places. Product: the sum. Quotient: two more.
  expect_all({{"d + 0.125", "decimal(3) 10.625"},
              {"d - 1", "decimal(2) 9.50"},
              {"d * 2", "decimal(2) 21.00"},
              {"d * 1.5", "decimal(3) 15.750"},
              {"d / 3", "decimal(4) 3.5000"},
              {"1.00 / 3", "decimal(4) 0.3333"},
              {"2.00 / 3", "decimal(4) 0.6667"},
              {"-2.00 / 3", "decimal(4) -0.6667"},
              {"0.05 / 1000", "decimal(4) 0.0000"},
              {"0.15 / 1000", "decimal(4) 0.0002"},
              {"d % 3", "decimal(2) 1.50"},
              {"-d", "decimal(2) -10.50"},
              {"1 / 0.5", "decimal(3) 2.000"},
              {"750.00 / 4", "decimal(4) 187.5000"}});
}

TEST(Evaluate, AFloatMakesFloats) {
  expect_all({{"f + 1", "float 1.5"},
              {"d * f", "float 5.25"},
              {"d + f", "float 11"},
              {"1e308 * 10.0", "error: overflow in '1e308 * 10.0'"},
              {"f % 0.2", "float 0.09999999999999998"}});
}

TEST(Evaluate, OverflowAndDivisionByZeroAreErrorsOfTheRecord) {
  expect_all({{"9223372036854775807 + i", "error: overflow in '9223372036854775807 + i'"},
              {"-9223372036854775807 - i", "error: overflow in '-9223372036854775807 - i'"},
              {"9223372036854775807 * i", "error: overflow in '9223372036854775807 * i'"},
              {"92233720368547758.07 + d", "error: overflow in '92233720368547758.07 + d'"},
              {"i / 0", "error: division by zero in 'i / 0'"},
              {"d / 0.00", "error: division by zero in 'd / 0.00'"},
              {"i % 0", "error: division by zero in 'i % 0'"},
              {"f / 0.0", "error: division by zero in 'f / 0.0'"}});
}

TEST(Evaluate, TryTakesTheOtherValue) {
  expect_all({{"try(i / 0, -1.0)", "float -1"}});
  Desk desk;
  EXPECT_EQ(desk("try(i / 0, 1e0)"), "float 1");
  EXPECT_EQ(desk("try(i % 0, 5)"), "int 5");
  EXPECT_EQ(desk("1 + try(try(i % 0, 7 % 0), 9)"), "int 10");
  EXPECT_EQ(desk("try(i, 1 % 0)"), "int 7");
  EXPECT_EQ(desk("try(1 % 0, i % 0)"), "error: division by zero in 'i % 0'");
}

TEST(Evaluate, ComparesAcrossKindsOfNumbers) {
  expect_all({{"i == 7.00", "bool true"},
              {"d > 10", "bool true"},
              {"d = 10.500", "bool true"},
              {"f < d", "bool true"},
              {"9007199254740993 == 9007199254740992.0", "bool false"},
              {"s == 'Hello'", "bool true"},
              {"s < 'a'", "bool true"},
              {"b == true", "bool true"},
              {"b != false", "bool true"},
              {"t > '2025-01-01T00:00:00Z'", "bool true"},
              {"day == '2025-03-01'", "bool true"},
              {"15m < 1h", "bool true"}});
}

TEST(Evaluate, LogicWithNullIsThreeValued) {
  // The tables of SQL; nb is null.
  expect_all({{"true and nb", "null"},
              {"false and nb", "bool false"},
              {"nb and true", "null"},
              {"nb and false", "bool false"},
              {"nb and nb", "null"},
              {"true or nb", "bool true"},
              {"false or nb", "null"},
              {"nb or true", "bool true"},
              {"nb or false", "null"},
              {"nb or nb", "null"},
              {"not nb", "null"},
              {"not true", "bool false"},
              {"true and true and nb and false", "bool false"},
              {"false or nb or true", "bool true"}});
}

TEST(Evaluate, NullGoesThroughArithmeticAndComparison) {
  expect_all({{"ni + 1", "null"},
              {"1 - ni", "null"},
              {"-ni", "null"},
              {"ni == 1", "null"},
              {"ni != ni", "null"},
              {"ns < 'a'", "null"},
              {"upper(ns)", "null"},
              {"concat('a', ns)", "null"},
              {"ni is null", "bool true"},
              {"ni is not null", "bool false"},
              {"i is null", "bool false"},
              {"ni ?? 5", "int 5"},
              {"ni ?? ni ?? 6", "int 6"},
              {"i ?? 5", "int 7"},
              {"coalesce(ni, ni, i)", "int 7"},
              {"ns like 'a%'", "null"}});
}

TEST(Evaluate, InKnowsNull) {
  expect_all({{"i in (1, 7)", "bool true"},
              {"i in (1, 2)", "bool false"},
              {"i in (1, null)", "null"},
              {"i in (7, null)", "bool true"},
              {"i not in (1, 2)", "bool true"},
              {"i not in (1, null)", "null"},
              {"i not in (7, null)", "bool false"},
              {"ni in (1)", "null"},
              {"s in ('a', 'Hello')", "bool true"},
              {"i in (7.00)", "bool true"}});
}

TEST(Evaluate, BetweenIncludesBothEnds) {
  expect_all({{"i between 7 and 9", "bool true"},
              {"i between 1 and 7", "bool true"},
              {"i between 8 and 9", "bool false"},
              {"i not between 8 and 9", "bool true"},
              {"ni between 1 and 2", "null"},
              {"i between ni and 1", "bool false"},
              {"i between ni and 9", "null"}});
}

TEST(Evaluate, LikeMatchesTheWholeText) {
  expect_all({{"s like 'Hello'", "bool true"},
              {"s like 'H%'", "bool true"},
              {"s like '%llo'", "bool true"},
              {"s like 'H_llo'", "bool true"},
              {"s like 'ello'", "bool false"},
              {"s not like 'H%'", "bool false"},
              {"'50%' like '50\\%'", "bool true"},
              {"'50x' like '50\\%'", "bool false"},
              {"'äb' like '_b'", "bool true"},
              {"'' like '%'", "bool true"},
              {"'' like '_'", "bool false"},
              {"'aab' like '%ab'", "bool true"},
              {"'abab' like '%ab%b'", "bool true"},
              {"'mississippi' like 'm%iss%pi'", "bool true"},
              {"'a' like 'a%b'", "bool false"}});
}

TEST(Evaluate, CaseTakesTheFirstTrueCondition) {
  expect_all({{"case when i > 5 then 'big' when i > 1 then 'small' else 'none' end", "string big"},
              {"case when nb then 1 else 2 end", "int 2"},
              {"case when i < 5 then 1 end", "null"},
              {"case when true then 1 else 2.50 end", "decimal(2) 1.00"},
              {"case when false then 1 else f end", "float 0.5"},
              {"if(b, 1, 2)", "int 1"},
              {"if(nb, 1, 2)", "int 2"}});
}

TEST(Evaluate, TimesAndDurations) {
  expect_all({{"t + 15m", "time 2025-03-01T10:15:00Z"},
              {"t - 1ms", "time 2025-03-01T09:59:59.999Z"},
              {"seconds((t + 90s) - t)", "int 90"},
              {"seconds(t - (t + 1500ms))", "int -1"},
              {"minutes(2h)", "int 120"},
              {"hours(36h)", "int 36"},
              {"days(36h)", "int 1"},
              {"1h / 4", "int 900000"},
              {"2 * 10s", "int 20000"},
              {"1h / 30m", "float 2"},
              {"t + $limit", "time 2025-03-01T10:01:00Z"},
              {"millis(1s)", "int 1000"}});
}

TEST(Evaluate, AnyIsLookedAtWhenTheRecordIsThere) {
  expect_all({{"x + 1", "int 4"},
              {"x > 2", "bool true"},
              {"x == 'a'", "bool false"},
              {"x != 'a'", "bool true"},
              {"x < 'a'", "error: values of different kinds have no order in 'x < 'a''"},
              {"xs + 1", "error: not a number in 'xs + 1'"},
              {"upper(xs)", "string 3"},
              {"upper(x)", "error: is no string in 'x'"},
              {"x and true", "error: is neither true nor false in 'x'"},
              {"round(x)", "int 3"},
              {"to_int(xs) + 1", "int 4"}});
}

TEST(Evaluate, LooksIntoListsAndMaps) {
  expect_all({{"list[1]", "int 5"},
              {"list[3]", "null"},
              {"list[-1]", "null"},
              {"at(list, 0)", "int 4"},
              {"size(list)", "int 3"},
              {"items[0].price", "decimal(2) 1.50"},
              {"items[1].price * 2", "decimal(2) 40.00"},
              {"items[1].name", "null"},
              {"items[0].name", "string aA"},
              {"user['id']", "string u1"},
              {"has(user, 'id')", "bool true"},
              {"has(user, 'no')", "bool false"},
              {"items[0]['price']", "decimal(1) 1.5"}});
}

TEST(Evaluate, FactsOfTheRecord) {
  expect_all({{"record_time()", "time 1970-01-01T00:00:01Z"},
              {"arrival_time()", "time 1970-01-01T00:00:02Z"},
              {"now()", "time 1970-01-01T00:00:03Z"},
              {"topic()", "string orders"},
              {"partition()", "int 4"},
              {"offset()", "int 5"},
              {"header('trace')", "string t2"},
              {"header('empty')", "null"},
              {"header('none')", "null"}});
}

TEST(Evaluate, ReusesItsMemory) {
  Desk desk;
  const Result<Program> program = compile("concat(upper(s), '-', to_string(d))", desk.scope());
  ASSERT_TRUE(program);
  const char* first = nullptr;
  for (int i = 0; i < 100; ++i) {
    desk.scratch.reset();
    const Outcome outcome = program->evaluate(desk.row, desk.facts, desk.scratch);
    EXPECT_EQ(outcome.value.text(), "HELLO-10.50");
    if (i == 1) first = outcome.value.text().data();
    if (i > 1) {
      EXPECT_EQ(outcome.value.text().data(), first);
    }
  }
}

TEST(Evaluate, LongTextsAreAnErrorNotACrash) {
  Desk desk;
  const std::string big(1 << 20, 'a');
  desk.row[3] = JsonValue::string(big);
  const std::string wide(100, 'b');
  EXPECT_EQ(desk("length(replace(s, 'a', '" + wide + "'))").substr(0, 60),
            "error: the texts of this record are larger than 64 MiB in 'r");
  EXPECT_EQ(desk("try(length(replace(s, 'a', '" + wide + "')), 0)"), "int 0");
}

TEST(Program, KnowsItsSlotsAndWhetherItIsOneField) {
  Desk desk;
  EXPECT_EQ(compile("d + i * d", desk.scope())->slots(), (std::vector<int>{0, 1}));
  EXPECT_EQ(compile("d", desk.scope())->single_slot(), 1);
  EXPECT_EQ(compile("-d", desk.scope())->single_slot(), -1);
  EXPECT_EQ(compile("1", desk.scope())->single_slot(), -1);
}

}  // namespace
}  // namespace weir::expression::evaluate_test
