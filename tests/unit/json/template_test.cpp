#include <limits>

#include <gtest/gtest.h>

#include <weir/error.h>
#include <weir/json_value.h>

namespace weir {
namespace {

std::string written(const JsonValue& value) {
  std::string out;
  append_json(out, value);
  return out;
}

TEST(JsonValue, KnowsWhatItHolds) {
  EXPECT_TRUE(JsonValue().is_null());
  EXPECT_EQ(JsonValue::integer(-7).as_int(), -7);
  EXPECT_TRUE(JsonValue::boolean(true).as_bool());
  EXPECT_EQ(JsonValue::real(1.5).as_double(), 1.5);
  EXPECT_EQ(JsonValue::decimal(750, 2).units(), 750);
  EXPECT_EQ(JsonValue::decimal(750, 2).places(), 2);
  EXPECT_EQ(JsonValue::string("text").text(), "text");
  EXPECT_EQ(JsonValue::time(5).as_time(), 5);
  EXPECT_EQ(JsonValue::raw("[1]").kind(), JsonValue::Kind::kRaw);
}

TEST(AppendJson, WritesEveryKind) {
  EXPECT_EQ(written(JsonValue::null()), "null");
  EXPECT_EQ(written(JsonValue::boolean(true)), "true");
  EXPECT_EQ(written(JsonValue::boolean(false)), "false");
  EXPECT_EQ(written(JsonValue::integer(std::numeric_limits<std::int64_t>::min())),
            "-9223372036854775808");
  EXPECT_EQ(written(JsonValue::decimal(-5, 2)), "-0.05");
  EXPECT_EQ(written(JsonValue::string("a\"b")), R"("a\"b")");
  EXPECT_EQ(written(JsonValue::time(1763981400250)), "\"2025-11-24T10:50:00.250Z\"");
  EXPECT_EQ(written(JsonValue::raw(R"({"k":[1, 2]})")), R"({"k":[1, 2]})");
}

TEST(AppendJson, WritesDoublesSoThatTheyReadBackTheSame) {
  EXPECT_EQ(written(JsonValue::real(0.1)), "0.1");
  EXPECT_EQ(written(JsonValue::real(187.5)), "187.5");
  EXPECT_EQ(written(JsonValue::real(1e300)), "1e+300");
  EXPECT_EQ(written(JsonValue::real(-0.0)), "-0");
  EXPECT_EQ(written(JsonValue::real(std::numeric_limits<double>::denorm_min())), "5e-324");
}

TEST(AppendJson, WhatHasNoJsonIsNull) {
  EXPECT_EQ(written(JsonValue::real(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(written(JsonValue::real(std::numeric_limits<double>::quiet_NaN())), "null");
  EXPECT_EQ(written(JsonValue::time(kNoTime)), "null");
  EXPECT_EQ(written(JsonValue::time(kEndOfTime)), "null");
}

TEST(JsonTemplate, FillsAnObject) {
  const JsonTemplate row({"window_start", "n", "total", "odd \"key\""});
  const JsonValue values[] = {JsonValue::time(0), JsonValue::integer(4),
                              JsonValue::decimal(75000, 2), JsonValue::null()};
  std::string out = "> ";
  row.write(values, out);
  EXPECT_EQ(out,
            R"(> {"window_start":"1970-01-01T00:00:00Z","n":4,"total":750.00,"odd \"key\"":null})");
}

TEST(JsonTemplate, MayBeEmpty) {
  std::string out;
  JsonTemplate(std::vector<std::string>()).write({}, out);
  EXPECT_EQ(out, "{}");
}

TEST(JsonTemplateDeath, NeedsAValueForEachName) {
  std::string out;
  EXPECT_DEATH(JsonTemplate({std::string("a")}).write({}, out), "as many values as names");
}

}  // namespace
}  // namespace weir
