#include "generate/value.h"

#include <limits>

#include <gmock/gmock.h>

namespace weir::generate {
namespace {

std::string json(const Value& value) {
  std::string out;
  value.append_json_to(out);
  return out;
}

TEST(Value, ExactNumbersStayExact) {
  const Value price = Value::exact(1050, 2);
  EXPECT_EQ(json(calculate('*', Value::exact(3), price)), "31.50");
  EXPECT_EQ(json(calculate('+', price, Value::exact(1))), "11.50");
  EXPECT_EQ(json(calculate('-', Value::exact(1), price)), "-9.50");
  EXPECT_EQ(json(calculate('%', Value::exact(17), Value::exact(10))), "7");
}

TEST(Value, WhatCannotBeCalculatedIsNull) {
  const Value largest = Value::exact(std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(calculate('+', largest, Value::exact(1)).is_null());
  EXPECT_TRUE(calculate('*', largest, Value::exact(2)).is_null());
  EXPECT_TRUE(calculate('/', Value::exact(1), Value::exact(0)).is_null());
  EXPECT_TRUE(calculate('%', Value::exact(1), Value::exact(0)).is_null());
  EXPECT_TRUE(
      calculate('%', Value::exact(std::numeric_limits<std::int64_t>::min()), Value::exact(-1))
          .is_null());
  EXPECT_TRUE(calculate('+', Value::of_text("1"), Value::exact(1)).is_null());
}

TEST(Value, ComparesNumbersAcrossTheirForms) {
  EXPECT_EQ(compare(Value::exact(100, 2), Value::exact(1)), 0);
  EXPECT_LT(compare(Value::number(0.5), Value::exact(1)), 0);
  EXPECT_GT(compare(Value::of_text("b"), Value::of_text("a")), 0);
}

TEST(Value, KeysHaveNoQuotes) {
  EXPECT_EQ(Value::of_text("o-1").plain(), "o-1");
  EXPECT_EQ(json(Value::of_text("o\"1")), "\"o\\\"1\"");
  EXPECT_EQ(Value::exact(750, 2).plain(), "7.50");
  EXPECT_EQ(Value().plain(), "");
}

}  // namespace
}  // namespace weir::generate
