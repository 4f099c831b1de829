#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_sum.h>

namespace weir {
namespace {

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();

Int128 wide(std::int64_t high, std::uint64_t low) {
  return static_cast<Int128>(static_cast<UInt128>(static_cast<UInt128>(high) << 64) | low);
}

std::string wide_bytes(Int128 value) {
  std::string bytes;
  append_wide(bytes, value);
  return bytes;
}

TEST(Wide, HasTheBytesOfItsGrammar) {
  EXPECT_EQ(hex(wide_bytes(0)), "00");
  EXPECT_EQ(hex(wide_bytes(-1)), "01");
  EXPECT_EQ(hex(wide_bytes(1)), "02");
  EXPECT_EQ(hex(wide_bytes(-64)), "7f");
  EXPECT_EQ(hex(wide_bytes(64)), "8001");
  EXPECT_EQ(hex(wide_bytes(wide(kMost, ~std::uint64_t{0}))),
            "feffffffffffffffffffffffffffffffffff03");
  EXPECT_EQ(hex(wide_bytes(wide(kLeast, 0))), "ffffffffffffffffffffffffffffffffffff03");
}

TEST(Wide, OfNumbersThatFitIsTheirZigzag) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 1000; ++i) {
    const auto value = static_cast<std::int64_t>(random()) >> (random() % 64);
    std::string narrow;
    append_zigzag(narrow, value);
    EXPECT_EQ(wide_bytes(value), narrow);
  }
}

TEST(Wide, ReadsBackEveryMagnitude) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 2000; ++i) {
    const Int128 value = wide(static_cast<std::int64_t>(random()), random()) >> (random() % 128);
    const std::string bytes = wide_bytes(value) + "x";
    Bytes in = bytes;
    Int128 read = 0;
    ASSERT_TRUE(read_wide(in, read));
    EXPECT_TRUE(read == value);
    EXPECT_EQ(in, "x");
  }
}

TEST(Wide, RefusesWhatIsTooShortTooLongOrNotTheOneForm) {
  const std::string most = wide_bytes(wide(kMost, ~std::uint64_t{0}));
  Int128 value = 7;
  for (std::size_t size = 0; size < most.size(); ++size) {
    Bytes in = Bytes(most).substr(0, size);
    EXPECT_FALSE(read_wide(in, value));
    EXPECT_EQ(in.size(), size);
  }
  std::string too_much = most;
  too_much.back() = 4;
  Bytes in = too_much;
  EXPECT_FALSE(read_wide(in, value));
  in = Bytes("\x80\x00", 2);
  EXPECT_FALSE(read_wide(in, value));
  EXPECT_TRUE(value == 7);
}

TEST(RowCount, CountsAndMerges) {
  RowCount count;
  for (int i = 0; i < 300; ++i) count.add();
  RowCount other;
  other.add();
  other.merge(count);
  EXPECT_EQ(other.value(), 301);
  EXPECT_EQ(hex(bytes_of(other)), "ad02");
  expect_round_trip(other, RowCount());
  expect_survives_damage(other, [](const RowCount& damaged) { (void)damaged.value(); });
}

TEST(IntSum, IsZeroOfNothing) { EXPECT_EQ(IntSum().value(), 0); }

TEST(IntSum, OverflowsOnlyInItsResult) {
  IntSum sum;
  sum.add(kMost);
  EXPECT_EQ(sum.value(), kMost);
  sum.add(1);
  EXPECT_EQ(sum.value(), std::nullopt);
  sum.add(-1);
  EXPECT_EQ(sum.value(), kMost);
  sum.add(kLeast);
  sum.add(kLeast);
  EXPECT_EQ(sum.value(), std::nullopt);
  sum.add(kMost);
  EXPECT_EQ(sum.value(), -2);
}

TEST(IntSum, TakesUnsignedNumbersOfAllBits) {
  IntSum sum;
  sum.add_unsigned(~std::uint64_t{0});
  EXPECT_EQ(sum.value(), std::nullopt);
  sum.add(kLeast);
  EXPECT_EQ(sum.value(), kMost);
}

TEST(IntSum, IsTheSameHoweverTheInputIsSplit) {
  std::mt19937_64 random(7);
  const auto add = [](IntSum& sum, std::int64_t x) { sum.add(x); };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> inputs(random() % 100);
    Int128 model = 0;
    for (auto& x : inputs) {
      x = static_cast<std::int64_t>(random()) >> (random() % 64);
      model += x;
    }
    const IntSum a = merged_at_random(IntSum(), inputs, random, add);
    const IntSum b = merged_in_order(IntSum(), inputs, random, add);
    EXPECT_TRUE(a.sum() == model);
    EXPECT_EQ(bytes_of(a), bytes_of(b));
    expect_round_trip(a, IntSum());
  }
}

TEST(IntSum, SurvivesDamageOfItsBytes) {
  IntSum sum;
  for (int i = 0; i < 5; ++i) sum.add(kMost);
  expect_survives_damage(sum, [](IntSum& damaged) {
    for (int i = 0; i < 3; ++i) damaged.merge(IntSum(damaged));
    (void)damaged.value();
  });
}

TEST(IntMean, OfIntegersIsADouble) {
  IntMean mean;
  EXPECT_TRUE(mean.is_empty());
  mean.add(1);
  mean.add(2);
  EXPECT_EQ(mean.value(), 1.5);
  mean.add(kMost);
  mean.add(kMost);
  EXPECT_EQ(mean.value(), 0x1p62 + 0.25);  // (2^64 - 2 + 3) / 4, rounded to 53 bits.
}

TEST(IntMean, OfUnitsIsRoundedHalfToEven) {
  const auto mean_of = [](std::vector<std::int64_t> units, int more) {
    IntMean mean;
    for (auto x : units) mean.add(x);
    return mean.units(more);
  };
  EXPECT_EQ(mean_of({1000, 2501}, 2), 175050);  // 10.00, 25.01: 17.5050
  EXPECT_EQ(mean_of({1, 1, 0}, 2), 67);         // 0.0066666...
  EXPECT_EQ(mean_of({-1, -1, 0}, 2), -67);
  EXPECT_EQ(mean_of({1, 0}, 0), 0);  // 0.5 to 0
  EXPECT_EQ(mean_of({3, 0}, 0), 2);  // 1.5 to 2
  EXPECT_EQ(mean_of({5, 0}, 0), 2);  // 2.5 to 2
  EXPECT_EQ(mean_of({-5, 0}, 0), -2);
  EXPECT_EQ(mean_of({-3, 0}, 0), -2);
  EXPECT_EQ(mean_of({kMost, kMost}, 0), kMost);
  EXPECT_EQ(mean_of({kMost, kMost}, 1), std::nullopt);
  EXPECT_EQ(mean_of({kLeast, kLeast}, 0), kLeast);
}

TEST(IntMean, HasTwoPlacesMoreAsFarAsDecimalsGo) {
  EXPECT_EQ(IntMean::places_of_mean(0), 2);
  EXPECT_EQ(IntMean::places_of_mean(16), 18);
  EXPECT_EQ(IntMean::places_of_mean(18), 18);
}

TEST(IntMean, RefusesMoreRowsThanThereCanBe) {
  std::string bytes("\x02");
  append_varint(bytes, std::uint64_t{1} << 63);
  Bytes in = bytes;
  EXPECT_FALSE(IntMean().read(in));
}

TEST(IntMean, IsWrittenAsSumAndRows) {
  IntMean mean;
  mean.add(100);
  mean.add(-37);
  EXPECT_EQ(hex(bytes_of(mean)), "7e02");  // zigzag(63), 2
  expect_round_trip(mean, IntMean());
  expect_survives_damage(mean, [](const IntMean& damaged) {
    if (!damaged.is_empty()) (void)damaged.units(2);
  });
}

}  // namespace
}  // namespace weir
