#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_deviation.h>

namespace weir {
namespace {

template <class T>
Deviation of(const std::vector<T>& inputs) {
  Deviation deviation;
  for (T x : inputs) deviation.add(x);
  return deviation;
}

TEST(Deviation, IsThatOfASample) {
  EXPECT_EQ(of<double>({}).value(), std::nullopt);
  EXPECT_EQ(of<double>({3.0}).value(), std::nullopt);
  EXPECT_EQ(of<double>({3.0, 3.0}).value(), 0.0);
  EXPECT_EQ(of<double>({1.0, 3.0}).variance(), 2.0);
  // Mean 5, squares 9 1 1 1 0 0 4 16, 32 in all, by 7.
  EXPECT_DOUBLE_EQ(of<std::int64_t>({2, 4, 4, 4, 5, 5, 7, 9}).value().value(),
                   std::sqrt(32.0 / 7.0));
}

TEST(Deviation, DoesNotCancelBesideALargeMean) {
  EXPECT_EQ(of<double>({1e15 + 4, 1e15 + 7, 1e15 + 13, 1e15 + 16}).variance(), 30.0);
  EXPECT_EQ(of<std::int64_t>({1'000'000'000'000'000'004, 1'000'000'000'000'000'007,
                              1'000'000'000'000'000'013, 1'000'000'000'000'000'016})
                .variance(),
            30.0);
}

TEST(Deviation, TakesTheLongestIntegers) {
  const auto most = std::numeric_limits<std::int64_t>::max();
  const auto least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(of<std::int64_t>({most, most, most}).value(), 0.0);
  EXPECT_EQ(of<std::int64_t>({most, most - 2}).variance(), 2.0);
  EXPECT_EQ(of<std::int64_t>({least, least + 2}).variance(), 2.0);
  EXPECT_EQ(of<std::int64_t>({least, most}).variance(), 0x1p127);  // (2^64 - 1)^2 / 2, rounded.
}

TEST(Deviation, AgreesWithIntegerArithmetic) {
  std::mt19937_64 random(21);
  const auto add = [](Deviation& deviation, std::int64_t x) { deviation.add(x); };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> inputs(2 + random() % 100);
    __extension__ __int128 sum = 0;
    __extension__ __int128 squares = 0;
    for (auto& x : inputs) {
      x = static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000;
      sum += x;
      squares += x * x;
    }
    const auto n = static_cast<std::int64_t>(inputs.size());
    const double expected = static_cast<double>(squares * n - sum * sum) / static_cast<double>(n) /
                            static_cast<double>(n - 1);
    const Deviation whole = of(inputs);
    EXPECT_DOUBLE_EQ(whole.variance().value(), expected);
    const Deviation split = merged_at_random(Deviation(), inputs, random, add);
    EXPECT_EQ(split.value(), whole.value());  // To the last bit.
    EXPECT_EQ(bytes_of(split), bytes_of(whole));
    expect_round_trip(split, Deviation());
  }
}

TEST(Deviation, OfDoublesIsTheSameHoweverTheInputIsSplit) {
  std::mt19937_64 random(22);
  std::normal_distribution<double> normal(1000, 3);
  const auto add = [](Deviation& deviation, double x) { deviation.add(x); };
  std::vector<double> inputs(1000);
  for (double& x : inputs) x = normal(random);
  const Deviation whole = of(inputs);
  EXPECT_NEAR(whole.value().value(), 3, 0.3);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(inputs.begin(), inputs.end(), random);
    EXPECT_EQ(bytes_of(merged_at_random(Deviation(), inputs, random, add)), bytes_of(whole));
  }
}

TEST(Deviation, BeyondTheRangeOfDoublesIsAnOverflow) {
  EXPECT_TRUE(of<double>({1e200, 2e200}).is_overflowed());
  EXPECT_EQ(of<double>({1e200, 2e200}).value(), std::nullopt);
  EXPECT_TRUE(of<double>({1.0, std::numeric_limits<double>::infinity()}).is_overflowed());
  EXPECT_FALSE(of<double>({1e150, 2e150}).is_overflowed());
  // Squares that fit, but not times their number.
  EXPECT_TRUE(of<double>(std::vector<double>(1000, 1e152)).is_overflowed());
}

TEST(Deviation, SkipsNaN) { EXPECT_EQ(of<double>({1.0, std::nan(""), 3.0}).variance(), 2.0); }

TEST(Deviation, HasTheBytesOfItsGrammar) {
  EXPECT_EQ(hex(bytes_of(of<std::int64_t>({1, 2}))),
            "0200014008000000000000"
            "00014014000000000000");
  expect_survives_damage(of<double>({0.1, 1e10}), [](const Deviation& damaged) {
    (void)damaged.value();
    (void)damaged.is_overflowed();
  });
}

}  // namespace
}  // namespace weir
