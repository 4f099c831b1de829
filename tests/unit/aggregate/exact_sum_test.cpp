#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_exact_sum.h>

namespace weir {
namespace {

__extension__ typedef __int128 Fixed;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ExactSum sum_of(const std::vector<double>& inputs) {
  ExactSum sum;
  for (double x : inputs) sum.add(x);
  return sum;
}

const auto kAdd = [](ExactSum& sum, double x) { sum.add(x); };

TEST(ExactSum, KeepsWhatRoundingWouldLose) {
  EXPECT_EQ(sum_of({}).value(), 0.0);
  EXPECT_EQ(sum_of({1e100, 1.0, -1e100}).value(), 1.0);
  EXPECT_EQ(sum_of({1e16, 1.0, 1e-16, -1e16, -1.0}).value(), 1e-16);
  EXPECT_EQ(sum_of(std::vector<double>(10, 0.1)).value(), 1.0);
  EXPECT_EQ(sum_of({1e308, 1e308, -1e308}).is_overflowed(), true);
}

TEST(ExactSum, RoundsOnceHalfToEven) {
  const double unit = 0x1p-52;  // Between 1 and 2 doubles lie this far apart.
  EXPECT_EQ(sum_of({1.0, unit / 2}).value(), 1.0);
  EXPECT_EQ(sum_of({1.0 + unit, unit / 2}).value(), 1.0 + 2 * unit);
  EXPECT_EQ(sum_of({1.0, unit / 2, 0x1p-200}).value(), 1.0 + unit);
  EXPECT_EQ(sum_of({1.0 + unit, unit / 2, -0x1p-200}).value(), 1.0 + unit);
  EXPECT_EQ(sum_of({-1.0, -unit / 2, -0x1p-200}).value(), -1.0 - unit);
}

TEST(ExactSum, IsTheIntegerSumOfFixedPointNumbersRoundedOnce) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    Fixed model = 0;
    std::vector<double> inputs(random() % 200);
    for (double& x : inputs) {
      // 53 bits anywhere in a field of 110: exact as a double and as an integer.
      const auto mantissa = static_cast<std::int64_t>(random()) >> 11;
      const int shift = static_cast<int>(random() % 58);
      model += static_cast<Fixed>(mantissa) * (Fixed{1} << shift);
      x = std::ldexp(static_cast<double>(mantissa), shift - 60);
    }
    const double expected = std::ldexp(static_cast<double>(model), -60);
    EXPECT_EQ(sum_of(inputs).value(), expected);
    const ExactSum a = merged_at_random(ExactSum(), inputs, random, kAdd);
    const ExactSum b = merged_in_order(ExactSum(), inputs, random, kAdd);
    EXPECT_EQ(a.value(), expected);
    EXPECT_EQ(bytes_of(a), bytes_of(b));
    EXPECT_TRUE(a == b);
    expect_round_trip(a, ExactSum());
  }
}

TEST(ExactSum, CancelsOverTheWholeRangeOfDoubles) {
  std::mt19937_64 random(12);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> inputs{0.625};
    for (int i = 0; i < 60; ++i) {
      const double x = std::ldexp(1.0 + static_cast<double>(random() >> 12) * 0x1p-52,
                                  static_cast<int>(random() % 2000) - 1010);
      inputs.push_back(x);
      inputs.push_back(-x);
    }
    std::shuffle(inputs.begin(), inputs.end(), random);
    EXPECT_EQ(merged_at_random(ExactSum(), inputs, random, kAdd).value(), 0.625);
  }
}

TEST(ExactSum, SkipsNaNAndAddsInfinities) {
  EXPECT_EQ(sum_of({1.0, std::nan("")}).value(), 1.0);
  EXPECT_EQ(sum_of({1.0, kInfinity, 5.0}).value(), kInfinity);
  EXPECT_EQ(sum_of({-kInfinity, 1e308, 1e308}).is_overflowed(), true);
  EXPECT_EQ(sum_of({-kInfinity, 1.0}).value(), -kInfinity);
  EXPECT_TRUE(std::isnan(sum_of({kInfinity, -kInfinity}).value()));
  EXPECT_FALSE(sum_of({kInfinity}).is_finite());
  EXPECT_FALSE(sum_of({kInfinity}).is_overflowed());
}

TEST(ExactSum, OfNegativeZeroIsZero) { EXPECT_FALSE(std::signbit(sum_of({-0.0}).value())); }

TEST(ExactSum, OverflowIsStickyAndMerges) {
  ExactSum sum = sum_of({1.7e308, 1.7e308});
  EXPECT_TRUE(sum.is_overflowed());
  sum.add(-1.7e308);
  EXPECT_TRUE(sum.is_overflowed());
  ExactSum other = sum_of({2.0});
  other.merge(sum);
  EXPECT_TRUE(other.is_overflowed());
  expect_round_trip(other, ExactSum());
  other.clear();
  EXPECT_EQ(other.value(), 0.0);
}

TEST(ExactSum, MergesWithItself) {
  ExactSum sum = sum_of({1e20, 1.0});
  sum.merge(sum);
  EXPECT_TRUE(sum == sum_of({2e20, 2.0}));
}

TEST(ExactSum, AddsProductsExactly) {
  ExactSum sum;
  const double x = 1.0 + 0x1p-40;
  sum.add_product(x, x);  // 1 + 2^-39 + 2^-80
  sum.add(-1.0);
  sum.add(-0x1p-39);
  EXPECT_EQ(sum.value(), 0x1p-80);
}

TEST(ExactSum, HasTheBytesOfItsGrammar) {
  EXPECT_EQ(hex(bytes_of(ExactSum())), "0000");
  EXPECT_EQ(hex(bytes_of(sum_of({1.0}))), "00013ff0000000000000");
  EXPECT_EQ(hex(bytes_of(sum_of({1.0, 0x1p-60}))), "00023ff00000000000003c30000000000000");
  EXPECT_EQ(hex(bytes_of(sum_of({-kInfinity, -2.0}))), "0201c000000000000000");
}

TEST(ExactSum, SurvivesDamageOfItsBytes) {
  expect_survives_damage(sum_of({1e300, 1.0, 1e-300}),
                         [](const ExactSum& damaged) { (void)damaged.value(); });
}

TEST(DoubleMean, DividesTheExactSum) {
  DoubleMean mean;
  EXPECT_TRUE(mean.is_empty());
  for (double x : {1e100, 3.0, -1e100, std::nan("")}) mean.add(x);
  EXPECT_EQ(mean.value(), 1.0);
  DoubleMean other;
  other.add(5.0);
  other.merge(mean);
  EXPECT_EQ(other.value(), 2.0);
  EXPECT_EQ(hex(bytes_of(other)), "0001402000000000000004");
  expect_round_trip(other, DoubleMean());
  expect_survives_damage(other, [](const DoubleMean& damaged) { (void)damaged.value(); });
}

}  // namespace
}  // namespace weir
