#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_quantile.h>

namespace weir::quantile_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const auto kAdd = [](Quantiles& quantiles, double x) { quantiles.add(x); };

Quantiles of(const std::vector<double>& inputs) {
  Quantiles quantiles;
  for (double x : inputs) quantiles.add(x);
  return quantiles;
}

TEST(Quantiles, OfNothingAreNothing) {
  EXPECT_EQ(of({}).value(0.5), std::nullopt);
  EXPECT_EQ(of({std::nan("")}).value(0.5), std::nullopt);
}

TEST(Quantiles, OfEqualNumbersAreExact) {
  EXPECT_EQ(of({59.97, 59.97, 59.97}).value(0.9), 59.97);
  EXPECT_EQ(of({0.0, -0.0}).value(0.5), 0.0);
  EXPECT_EQ(of({-7.0}).value(0.5), -7.0);
}

TEST(Quantiles, EndsAreExact) {
  const auto some = of({3.3, -8.1, 12.7, 5.0});
  EXPECT_EQ(some.value(0), -8.1);
  EXPECT_EQ(some.value(1), 12.7);
}

TEST(Quantiles, OfSmallIntegersAreExact) {
  Quantiles quantiles;
  for (int x = -511; x <= 511; ++x) quantiles.add(x);
  for (int rank = 1; rank <= 1023; ++rank) EXPECT_EQ(quantiles.value(rank / 1023.0), rank - 512);
}

TEST(Quantiles, AreWithinTheStatedErrorOfTheNearestRank) {
  std::mt19937_64 random(61);
  for (int round = 0; round < 60; ++round) {
    std::vector<double> inputs(1 + random() % 1000);
    for (double& x : inputs) {
      x = std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 40) - 60);
      if (round % 3 == 0 && random() % 2 == 0) x = -x;
    }
    const Quantiles whole = of(inputs);
    const Quantiles split = merged_at_random(Quantiles(), inputs, random, kAdd);
    EXPECT_EQ(bytes_of(split), bytes_of(whole));
    expect_round_trip(split, Quantiles());
    std::sort(inputs.begin(), inputs.end());
    for (double q : {0.0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0}) {
      const double rank = std::max(1.0, std::ceil(q * static_cast<double>(inputs.size())));
      const double expected = inputs[static_cast<std::size_t>(rank) - 1];
      const double found = whole.value(q).value();
      EXPECT_LE(std::fabs(found), std::fabs(expected));
      EXPECT_GE(std::fabs(found), std::fabs(expected) / 1.004);
    }
  }
}

TEST(Quantiles, TakeInfinitiesAndTheSmallestNumbers) {
  EXPECT_EQ(of({kInfinity, 1.0}).value(1), kInfinity);
  EXPECT_EQ(of({-kInfinity, 1.0}).value(0.5), -kInfinity);
  EXPECT_EQ(of({5e-324}).value(0.5), 5e-324);
  EXPECT_EQ(of({1.7976931348623157e308}).value(0.5), 1.7976931348623157e308);
}

TEST(Quantiles, HaveTheBytesOfTheirGrammar) {
  EXPECT_EQ(hex(bytes_of(of({}))), "00");
  // 1.0 lies in bucket 0x3ff << 8 = 261888, zigzag 523776; 1.5 lies 128 further, zigzag 256.
  EXPECT_EQ(hex(bytes_of(of({1.5, 1.0, 1.0}))),
            "02"
            "3ff0000000000000"
            "3ff8000000000000"
            "80fc1f02"
            "800201");
}

TEST(Quantiles, MergeWithThemselvesAndForget) {
  Quantiles some = of({1.0, 2.0});
  some.merge(some);
  EXPECT_TRUE(some == of({1.0, 2.0, 1.0, 2.0}));
  some.clear();
  EXPECT_TRUE(some == of({}));
}

TEST(Quantiles, SurviveDamageOfTheirBytes) {
  expect_survives_damage(of({-3.0, 1e-200, 5.0, 1e200}), [](Quantiles& damaged) {
    for (double q : {0.0, 0.5, 1.0}) (void)damaged.value(q);
    damaged.add(1);
  });
}

}  // namespace
}  // namespace weir::quantile_test
