#include <limits>
#include <random>

#include <gtest/gtest.h>

#include <weir/decimal.h>

namespace weir {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// The units of a number, nothing when it is refused.
std::optional<std::int64_t> units(std::string_view text, int places = 2) {
  std::int64_t read = 0;
  if (!parse_decimal(text, places, read)) return std::nullopt;
  return read;
}

std::string text(std::int64_t units, int places) {
  std::string out;
  append_decimal(out, units, places);
  return out;
}

TEST(Decimal, ReadsEveryFormOfJsonNumber) {
  EXPECT_EQ(units("0"), 0);
  EXPECT_EQ(units("-0"), 0);
  EXPECT_EQ(units("750"), 75000);
  EXPECT_EQ(units("750.5"), 75050);
  EXPECT_EQ(units("-0.05"), -5);
  EXPECT_EQ(units("1e3"), 100000);
  EXPECT_EQ(units("1.25E+2"), 12500);
  EXPECT_EQ(units("12345e-4"), 123);
  EXPECT_EQ(units("0.000e9"), 0);
  EXPECT_EQ(units("0.00000000000000000000000000123e28"), 1230);
  EXPECT_EQ(units("1230000000000000000000000000e-26"), 1230);
  EXPECT_EQ(units("12", 0), 12);
}

TEST(Decimal, RoundsWhatProducersSend) {
  EXPECT_EQ(units("59.970000000000006"), 5997);
  EXPECT_EQ(units("1333.3299999999999"), 133333);
  EXPECT_EQ(units("0.1000000000000000055511151231257827"), 10);
}

TEST(Decimal, RoundsHalfToEven) {
  EXPECT_EQ(units("0.005"), 0);
  EXPECT_EQ(units("0.015"), 2);
  EXPECT_EQ(units("0.025"), 2);
  EXPECT_EQ(units("-0.005"), 0);
  EXPECT_EQ(units("-0.015"), -2);
  EXPECT_EQ(units("0.0050000000000000000000000000001"), 1);
  EXPECT_EQ(units("-0.0050000000000000000000000000001"), -1);
  EXPECT_EQ(units("0.00499999999999999999999999999999"), 0);
  EXPECT_EQ(units("9.995"), 1000);
  EXPECT_EQ(units("5e-3"), 0);
  EXPECT_EQ(units("15e-3"), 2);
  EXPECT_EQ(units("5", -1), 0);
  EXPECT_EQ(units("15", -1), 2);
  EXPECT_EQ(units("25.0", -1), 2);
  EXPECT_EQ(units("25.1", -1), 3);
}

TEST(Decimal, TinyNumbersAreZero) {
  EXPECT_EQ(units("1e-400"), 0);
  EXPECT_EQ(units("-9e-400"), 0);
  EXPECT_EQ(units("1e-99999999999999999999999999"), 0);
  EXPECT_EQ(units("0e99999999999999999999999999"), 0);
  EXPECT_EQ(units("0.009e-1"), 0);
}

TEST(Decimal, RefusesWhatDoesNotFit64Bits) {
  EXPECT_EQ(units("92233720368547758.07"), kMax);
  EXPECT_EQ(units("92233720368547758.08"), std::nullopt);
  EXPECT_EQ(units("92233720368547758.074"), kMax);
  EXPECT_EQ(units("92233720368547758.075"), std::nullopt);
  EXPECT_EQ(units("-92233720368547758.08"), kMin);
  EXPECT_EQ(units("-92233720368547758.085"), kMin);
  EXPECT_EQ(units("-92233720368547758.086"), std::nullopt);
  EXPECT_EQ(units("18446744073709551615", 0), std::nullopt);
  EXPECT_EQ(units("18446744073709551616", 0), std::nullopt);
  EXPECT_EQ(units("18446744073709551615.5", 0), std::nullopt);
  EXPECT_EQ(units("1e400"), std::nullopt);
  EXPECT_EQ(units("1e99999999999999999999999999"), std::nullopt);
  EXPECT_EQ(units("10", 18), std::nullopt);
  EXPECT_EQ(units("9", 18), 9'000'000'000'000'000'000);
  EXPECT_EQ(units("99999999999999999999999999999999999999999999"), std::nullopt);
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const char* bad :
       {"",   "-",  "+1",  "01",    "1.",    ".5",  "1e",    "1e+", "0x1", "1,5",
        " 1", "1 ", "NaN", "1.2.3", "1e5.5", "--1", "\"1\"", "1_0", "e5",  "-.5"}) {
    EXPECT_EQ(units(bad), std::nullopt) << bad;
  }
  std::int64_t untouched = 42;
  EXPECT_FALSE(parse_decimal("x", 2, untouched));
  EXPECT_FALSE(parse_decimal("1e30", 2, untouched));
  EXPECT_EQ(untouched, 42);
}

TEST(Decimal, WritesAllPlaces) {
  EXPECT_EQ(text(75000, 2), "750.00");
  EXPECT_EQ(text(-5, 2), "-0.05");
  EXPECT_EQ(text(0, 2), "0.00");
  EXPECT_EQ(text(-150, 2), "-1.50");
  EXPECT_EQ(text(12, 0), "12");
  EXPECT_EQ(text(-12, 0), "-12");
  EXPECT_EQ(text(kMax, 2), "92233720368547758.07");
  EXPECT_EQ(text(kMin, 0), "-9223372036854775808");
  EXPECT_EQ(text(kMin, 18), "-9.223372036854775808");
  EXPECT_EQ(text(1, 18), "0.000000000000000001");
}

TEST(Decimal, ReadsBackWhatItWrites) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const auto number =
        static_cast<std::int64_t>(random() >> (random() % 64)) * (random() % 2 == 0 ? 1 : -1);
    const int places = static_cast<int>(random() % 19);
    EXPECT_EQ(units(text(number, places), places), number);
  }
}

TEST(Decimal, AddsAndSubtractsExactly) {
  Decimal<2> sum = *Decimal<2>::from_text("0.10");
  EXPECT_TRUE(sum.add(*Decimal<2>::from_text("0.20")));
  EXPECT_EQ(sum.to_string(), "0.30");
  EXPECT_TRUE(sum.subtract(*Decimal<2>::from_text("1")));
  EXPECT_EQ(sum.units(), -70);
  EXPECT_LT(sum, Decimal<2>());
  EXPECT_EQ(sum, Decimal<2>::from_units(-70));
  EXPECT_EQ(Decimal<2>::from_text("x"), std::nullopt);
}

TEST(Decimal, SeesOverflowAndStaysAsItWas) {
  Decimal<2> sum = Decimal<2>::from_units(kMax);
  EXPECT_FALSE(sum.add(Decimal<2>::from_units(1)));
  EXPECT_EQ(sum.units(), kMax);
  EXPECT_FALSE(sum.subtract(Decimal<2>::from_units(-1)));
  EXPECT_TRUE(sum.subtract(Decimal<2>::from_units(kMax)));
  EXPECT_EQ(sum.units(), 0);
}

TEST(Decimal, HasBytesInState) {
  std::string bytes;
  Decimal<2>::from_units(-75000).write(bytes);
  std::string_view in = bytes;
  Decimal<2> back;
  EXPECT_TRUE(back.read(in));
  EXPECT_EQ(back.units(), -75000);
  EXPECT_FALSE(back.read(in));
}

TEST(DivideHalfEven, AveragesMoney) {
  EXPECT_EQ(divide_half_even(75000, 4, 2), 1875000);  // 750.00 / 4 = 187.5000
  EXPECT_EQ(divide_half_even(100, 3, 2), 3333);       // 1.00 / 3 = 0.3333
  EXPECT_EQ(divide_half_even(200, 3, 2), 6667);
  EXPECT_EQ(divide_half_even(-200, 3, 2), -6667);
  EXPECT_EQ(divide_half_even(200, -3, 2), -6667);
}

TEST(DivideHalfEven, RoundsHalvesToTheEvenNeighbour) {
  EXPECT_EQ(divide_half_even(1, 2), 0);
  EXPECT_EQ(divide_half_even(3, 2), 2);
  EXPECT_EQ(divide_half_even(5, 2), 2);
  EXPECT_EQ(divide_half_even(-1, 2), 0);
  EXPECT_EQ(divide_half_even(-3, 2), -2);
  EXPECT_EQ(divide_half_even(-5, 2), -2);
  EXPECT_EQ(divide_half_even(7, -2), -4);
}

TEST(DivideHalfEven, SeesWhatDoesNotFit) {
  EXPECT_EQ(divide_half_even(1, 0), std::nullopt);
  EXPECT_EQ(divide_half_even(kMax, 1), kMax);
  EXPECT_EQ(divide_half_even(kMin, 1), kMin);
  EXPECT_EQ(divide_half_even(kMin, -1), std::nullopt);
  EXPECT_EQ(divide_half_even(kMax, 1, 1), std::nullopt);
  EXPECT_EQ(divide_half_even(kMax, kMax, 18), power_of_ten(18));
  EXPECT_EQ(divide_half_even(kMin, kMin, 18), power_of_ten(18));
  EXPECT_EQ(divide_half_even(Int128{kMax} * 1000, 1000), kMax);
  EXPECT_EQ(divide_half_even(Int128{kMax} * kMax, 1, 18), std::nullopt);
  EXPECT_EQ(divide_half_even(Int128{kMax} * kMax, kMax), kMax);
}

TEST(DivideHalfEven, AgreesWithLongDivision) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20000; ++i) {
    const auto numerator = static_cast<std::int64_t>(random() >> 8) * (i % 2 == 0 ? 1 : -1);
    const auto divisor = static_cast<std::int64_t>(1 + random() % 1000);
    const Int128 scaled = Int128{numerator} * 100;
    const std::optional<std::int64_t> result = divide_half_even(numerator, divisor, 2);
    ASSERT_TRUE(result);
    const Int128 error = (Int128{*result} * divisor - scaled) * 2;
    ASSERT_TRUE(-divisor <= error && error <= divisor);
    const bool is_half = error == divisor || error == -divisor;
    ASSERT_TRUE(!is_half || *result % 2 == 0);
  }
}

TEST(Rescale, ChangesThePlaces) {
  EXPECT_EQ(rescale(125, 2, 4), 12500);
  EXPECT_EQ(rescale(125, 2, 2), 125);
  EXPECT_EQ(rescale(125, 2, 1), 12);
  EXPECT_EQ(rescale(135, 2, 1), 14);
  EXPECT_EQ(rescale(-125, 2, 1), -12);
  EXPECT_EQ(rescale(-126, 2, 1), -13);
  EXPECT_EQ(rescale(49, 2, 0), 0);
  EXPECT_EQ(rescale(51, 2, 0), 1);
  EXPECT_EQ(rescale(kMax, 0, 1), std::nullopt);
  EXPECT_EQ(rescale(kMax, 0, 38), std::nullopt);
  EXPECT_EQ(rescale(Int128{kMax} * 100, 4, 2), kMax);
  EXPECT_EQ(rescale(Int128{kMax} * 100 + 50, 4, 2), std::nullopt);
  EXPECT_EQ(rescale(1, 38, 0), 0);
}

}  // namespace
}  // namespace weir
