#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <weir/json_reader.h>

namespace weir {
namespace {

JsonSlot number(std::string_view text) { return {text, JsonKind::kNumber, false}; }
JsonSlot string(std::string_view text, bool escaped = false) {
  return {text, JsonKind::kString, escaped};
}

// The value as text, or the error.
std::string as_int(const JsonSlot& slot) {
  std::int64_t value = 0;
  const Status s = read_int(slot, "f", value);
  return s ? std::to_string(value) : s.error().text;
}

TEST(ReadInt, TakesWholeNumbersInEveryForm) {
  EXPECT_EQ(as_int(number("5")), "5");
  EXPECT_EQ(as_int(number("5.0")), "5");
  EXPECT_EQ(as_int(number("5e0")), "5");
  EXPECT_EQ(as_int(number("-0")), "0");
  EXPECT_EQ(as_int(number("9223372036854775807")), "9223372036854775807");
  EXPECT_EQ(as_int(number("-9223372036854775808")), "-9223372036854775808");
  EXPECT_EQ(as_int(number("92233720368547758070e-1")), "9223372036854775807");
}

TEST(ReadInt, RefusesTheRestWithTheFieldsName) {
  EXPECT_EQ(as_int(number("5.5")), "field 'f' is not a whole number: 5.5");
  EXPECT_EQ(as_int(number("9223372036854775808")),
            "field 'f' does not fit 64 bits: 9223372036854775808");
  EXPECT_EQ(as_int(number("1e400")), "field 'f' does not fit 64 bits: 1e400");
  EXPECT_EQ(as_int(string("5")), "field 'f' is text, not a whole number: 5");
  EXPECT_EQ(as_int({}), "field 'f' is missing");
  EXPECT_EQ(as_int({"null", JsonKind::kNull, false}), "field 'f' is null");
  EXPECT_EQ(as_int({"true", JsonKind::kTrue, false}), "field 'f' is true, not a whole number");
  EXPECT_EQ(as_int({"{}", JsonKind::kObject, false}), "field 'f' is an object, not a whole number");
}

TEST(ReadInt, CutsLongTextInItsMessage) {
  EXPECT_EQ(as_int(number(std::string(100, '1'))),
            "field 'f' does not fit 64 bits: " + std::string(40, '1') + "...");
}

TEST(ReadDouble, TakesTheNearest) {
  double value = 0;
  EXPECT_TRUE(read_double(number("0.1"), "f", value));
  EXPECT_EQ(value, 0.1);
  EXPECT_TRUE(read_double(number("1752000000.123456"), "f", value));
  EXPECT_EQ(value, 1752000000.123456);
  EXPECT_TRUE(read_double(number("9007199254740993"), "f", value));
  EXPECT_EQ(value, 9007199254740992.0);
}

TEST(ReadDouble, TinyIsZeroAndHugeIsAnError) {
  double value = 7;
  EXPECT_TRUE(read_double(number("1e-400"), "f", value));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(read_double(number("-1e-400"), "f", value));
  EXPECT_TRUE(std::signbit(value));
  EXPECT_EQ(read_double(number("1e400"), "f", value).error().text,
            "field 'f' does not fit a double: 1e400");
  EXPECT_EQ(read_double(number("-1e400"), "f", value).error().text,
            "field 'f' does not fit a double: -1e400");
  EXPECT_FALSE(read_double(string("1"), "f", value));
}

TEST(ReadBool, TakesTrueAndFalseOnly) {
  bool value = false;
  EXPECT_TRUE(read_bool({"true", JsonKind::kTrue, false}, "f", value));
  EXPECT_TRUE(value);
  EXPECT_TRUE(read_bool({"false", JsonKind::kFalse, false}, "f", value));
  EXPECT_FALSE(value);
  EXPECT_EQ(read_bool(number("1"), "f", value).error().text,
            "field 'f' is a number, not true or false: 1");
}

TEST(ReadDecimal, ReadsWithoutADouble) {
  std::int64_t units = 0;
  EXPECT_TRUE(read_decimal(number("59.970000000000006"), "f", 2, units));
  EXPECT_EQ(units, 5997);
  EXPECT_EQ(read_decimal(number("1e30"), "f", 2, units).error().text,
            "field 'f' does not fit a decimal with 2 places: 1e30");
  EXPECT_EQ(read_decimal(string("750.00"), "f", 2, units).error().text,
            "field 'f' is text, not a number: 750.00");
}

TEST(ReadString, GivesABareViewWhenThereAreNoEscapes) {
  std::string scratch = "untouched";
  std::string_view value;
  const std::string_view text = "plain";
  EXPECT_TRUE(read_string(string(text), "f", scratch, value));
  EXPECT_EQ(value.data(), text.data());
  EXPECT_EQ(scratch, "untouched");
  EXPECT_TRUE(read_string(string(R"(a\nb)", true), "f", scratch, value));
  EXPECT_EQ(value, "a\nb");
  EXPECT_FALSE(read_string(number("5"), "f", scratch, value));
}

TEST(ReadTime, TakesTextAndNumbers) {
  Timestamp time = 0;
  EXPECT_TRUE(read_time(string("2025-11-24T10:50:00Z"), "f", {}, time));
  EXPECT_EQ(time, 1763981400000);
  EXPECT_TRUE(read_time(number("1763981400.5"), "f", {}, time));
  EXPECT_EQ(time, 1763981400500);
  EXPECT_EQ(read_time(string("soon"), "f", {}, time).error().text, "field 'f' is not a time: soon");
  EXPECT_EQ(read_time(string("\\u0032025-11-24T10:50:00Z", true), "f", {}, time).error().text,
            "field 'f' is not a time: \\u0032025-11-24T10:50:00Z");
  EXPECT_EQ(read_time({"[]", JsonKind::kArray, false}, "f", {}, time).error().text,
            "field 'f' is an array, not a time");
}

}  // namespace
}  // namespace weir
