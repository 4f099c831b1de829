#include "json/number.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::json {
namespace {

std::string scaled(std::string_view text, int places, Rounding rounding) {
  std::int64_t units = 77;
  switch (scale_number(text, places, rounding, units)) {
    case NumberFault::kNone:
      return std::to_string(units);
    case NumberFault::kNotANumber:
      return units == 77 ? "no number" : "touched";
    case NumberFault::kNotExact:
      return units == 77 ? "not exact" : "touched";
    case NumberFault::kTooLarge:
      return units == 77 ? "too large" : "touched";
  }
  return "";
}

TEST(Number, FloorsTowardsThePast) {
  EXPECT_EQ(scaled("1.9999", 3, Rounding::kFloor), "1999");
  EXPECT_EQ(scaled("-1.9999", 3, Rounding::kFloor), "-2000");
  EXPECT_EQ(scaled("-1.999", 3, Rounding::kFloor), "-1999");
  EXPECT_EQ(scaled("-1.9990000", 3, Rounding::kFloor), "-1999");
  EXPECT_EQ(scaled("-1e-9", 3, Rounding::kFloor), "-1");
  EXPECT_EQ(scaled("1e-9", 3, Rounding::kFloor), "0");
  EXPECT_EQ(scaled("1999", -3, Rounding::kFloor), "1");
  EXPECT_EQ(scaled("-1", -3, Rounding::kFloor), "-1");
  EXPECT_EQ(scaled("-2000", -3, Rounding::kFloor), "-2");
}

TEST(Number, TellsWhatIsNotExact) {
  EXPECT_EQ(scaled("5", 0, Rounding::kExact), "5");
  EXPECT_EQ(scaled("5.0", 0, Rounding::kExact), "5");
  EXPECT_EQ(scaled("5e0", 0, Rounding::kExact), "5");
  EXPECT_EQ(scaled("50e-1", 0, Rounding::kExact), "5");
  EXPECT_EQ(scaled("0.5e1", 0, Rounding::kExact), "5");
  EXPECT_EQ(scaled("5.5", 0, Rounding::kExact), "not exact");
  EXPECT_EQ(scaled("5.00000000000000000000000000001", 0, Rounding::kExact), "not exact");
  EXPECT_EQ(scaled("1e-1", 0, Rounding::kExact), "not exact");
  EXPECT_EQ(scaled("0.0e-5", 0, Rounding::kExact), "0");
  EXPECT_EQ(scaled("9223372036854775807", 0, Rounding::kExact), "9223372036854775807");
  EXPECT_EQ(scaled("9223372036854775808", 0, Rounding::kExact), "too large");
  EXPECT_EQ(scaled("-9223372036854775808", 0, Rounding::kExact), "-9223372036854775808");
  EXPECT_EQ(scaled("1e18", 0, Rounding::kExact), "1000000000000000000");
  EXPECT_EQ(scaled("1e19", 0, Rounding::kExact), "too large");
  EXPECT_EQ(scaled("--5", 0, Rounding::kExact), "no number");
}

TEST(Number, SkipsExactlyTheNumber) {
  const auto skipped = [](const char* text) -> std::string {
    const char* end = skip_number(text);
    return end == nullptr ? "none" : std::string(text, end);
  };
  EXPECT_EQ(skipped("12,"), "12");
  EXPECT_EQ(skipped("-0.5e+10]"), "-0.5e+10");
  EXPECT_EQ(skipped("0123"), "0");
  EXPECT_EQ(skipped("1.5.5"), "1.5");
  EXPECT_EQ(skipped("1."), "none");
  EXPECT_EQ(skipped("1.e5"), "none");
  EXPECT_EQ(skipped("1e"), "none");
  EXPECT_EQ(skipped("-"), "none");
  EXPECT_EQ(skipped("x"), "none");
  EXPECT_EQ(skipped(""), "none");
  EXPECT_TRUE(is_number("-1.5e-3"));
  EXPECT_FALSE(is_number("-1.5e-3 "));
}

}  // namespace
}  // namespace weir::json
