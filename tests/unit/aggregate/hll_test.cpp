#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_hll.h>

namespace weir::hll_test {
namespace {

Hll with(int precision, std::initializer_list<std::uint64_t> hashes) {
  Hll sketch = Hll::with_precision(precision);
  for (std::uint64_t hash : hashes) sketch.add_hash(hash);
  return sketch;
}

std::string news_of(const Hll& sketch) {
  std::string bytes;
  sketch.write_news(bytes);
  return bytes;
}

std::vector<std::int64_t> random_values(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> values(size);
  for (auto& value : values) value = static_cast<std::int64_t>(random());
  return values;
}

const auto kAdd = [](Hll& sketch, std::int64_t value) { sketch.add(value); };

TEST(Hll, TakesTheSmallestPrecisionWithTheWantedError) {
  EXPECT_EQ(Hll(0.01).precision(), 14);  // 1.04 / 128 = 0.0081
  EXPECT_EQ(Hll(0.05).precision(), 9);   // 1.04 / sqrt(512) = 0.046
  EXPECT_EQ(Hll(0.0163).precision(), 12);
  EXPECT_EQ(Hll(0.0162).precision(), 13);
  EXPECT_EQ(Hll(0.5).precision(), 7);
  EXPECT_EQ(Hll(0.00204).precision(), 18);
  EXPECT_LE(Hll(0.02).error(), 0.02);
  EXPECT_FALSE(Hll::is_possible(0.002));
  EXPECT_FALSE(Hll::is_possible(0));
  EXPECT_FALSE(Hll::is_possible(1));
  EXPECT_FALSE(Hll::is_possible(std::nan("")));
  EXPECT_TRUE(Hll::is_possible(0.99));
}

TEST(Hll, IsNearlyExactWhileSparse) {
  for (int precision : {9, 12, 14}) {
    Hll sketch = Hll::with_precision(precision);
    EXPECT_EQ(sketch.value(), 0);
    std::int64_t n = 0;
    for (; sketch.is_sparse(); ++n) {
      ASSERT_NEAR(static_cast<double>(sketch.value()), static_cast<double>(n), 1) << precision;
      sketch.add(n);
      sketch.add(n);
    }
    EXPECT_EQ(n, (1 << precision) * 3 / 16 + 1);
  }
}

// The mean of many errors shows bias, their root mean square the standard error. Bounds are three
// standard errors of each over so many trials.
TEST(Hll, HasTheStatedErrorAtEverySize) {
  constexpr int kTrials = 200;
  for (int precision : {7, 9, 11}) {
    for (std::int64_t size : {50, 200, 1000, 2000, 5000, 20'000}) {
      double sum = 0;
      double squares = 0;
      for (int trial = 0; trial < kTrials; ++trial) {
        Hll sketch = Hll::with_precision(precision);
        for (std::int64_t i = 0; i < size; ++i) sketch.add((std::int64_t{trial} << 40) + i);
        const double error = sketch.estimate() / static_cast<double>(size) - 1;
        sum += error;
        squares += error * error;
      }
      const double stated = Hll::with_precision(precision).error();
      EXPECT_LT(std::fabs(sum / kTrials), 3 * stated / std::sqrt(kTrials) + stated * stated)
          << precision << ", " << size;
      EXPECT_LT(std::sqrt(squares / kTrials), stated * (1 + 3 / std::sqrt(2.0 * kTrials)) * 1.05)
          << precision << ", " << size;
    }
  }
}

TEST(Hll, CountsStringsThatDifferLittle) {
  Hll sketch(0.01);
  for (int i = 0; i < 200'000; ++i) sketch.add("user-" + std::to_string(i));
  EXPECT_NEAR(static_cast<double>(sketch.value()), 200'000, 200'000 * 3 * sketch.error());
}

TEST(Hll, IsAFunctionOfTheSetOfValues) {
  std::mt19937_64 random(41);
  for (std::size_t size : {0, 1, 5, 90, 96, 97, 500, 3000}) {
    auto values = random_values(size, size);
    const Hll start = Hll::with_precision(9);
    Hll whole = start;
    for (auto value : values) whole.add(value);
    const auto once = values;
    for (int round = 0; round < 10; ++round) {
      values = once;
      values.insert(values.end(), once.begin(), once.begin() + static_cast<int>(size / 3));
      std::shuffle(values.begin(), values.end(), random);
      const Hll a = merged_at_random(start, values, random, kAdd);
      const Hll b = merged_in_order(start, values, random, kAdd);
      EXPECT_TRUE(a == whole);
      EXPECT_EQ(bytes_of(a), bytes_of(whole));
      EXPECT_EQ(bytes_of(b), bytes_of(whole));
    }
    expect_round_trip(whole, Hll());
  }
}

TEST(Hll, RegistersAreTheSameThroughSparseOrDirectly) {
  Hll dense = with(7, {});
  const std::string empty_raised("\x07\x02\x00", 3);
  Bytes in = empty_raised;
  ASSERT_TRUE(dense.merge_news(in));
  ASSERT_FALSE(dense.is_sparse());
  Hll grown = with(7, {});
  for (auto value : random_values(100, 42)) {
    dense.add(value);
    grown.add(value);
  }
  EXPECT_TRUE(dense == grown);
}

TEST(Hll, HasTheBytesOfItsGrammar) {
  EXPECT_EQ(hex(bytes_of(with(9, {}))), "090000");
  // place 0, rank 40: no 1 at all. place 2^24, rank 1: the top bit and the 26th.
  EXPECT_EQ(hex(bytes_of(with(9, {0}))),
            "090001"
            "28");
  EXPECT_EQ(hex(bytes_of(with(9, {0x8000004000000000, 0}))),
            "090002"
            "28"
            "d9ffffff03");
}

TEST(Hll, WritesItsRegistersSixBitsEach) {
  // Precision 7: the upper 7 bits are the register, the others decide its rank.
  const std::string empty_raised("\x07\x02\x00", 3);
  Bytes in = empty_raised;
  Hll dense = with(7, {});
  ASSERT_TRUE(dense.merge_news(in));
  dense.add_hash(0x0100000000000000);  // Register 0, rank 1.
  dense.add_hash(0x0280000000000000);  // Register 1, rank 2.
  dense.add_hash(0x0440000000000000);  // Register 2, rank 3.
  dense.add_hash(0x0600000000000001);  // Register 3, rank 57.
  dense.add_hash(0xfe00000000000000);  // Register 127, no 1 at all: rank 58.
  // 000001 | 000010 << 6 | 000011 << 12 | 111001 << 18 = e43081, low byte first.
  EXPECT_EQ(hex(bytes_of(dense)),
            "0701"
            "8130e4" +
                std::string(2 * 92, '0') + "e8");
}

TEST(Hll, TellsOnlyWhatRose) {
  Hll sketch = with(9, {0});
  EXPECT_EQ(news_of(sketch), bytes_of(sketch));
  sketch.told();
  EXPECT_FALSE(sketch.has_news());
  EXPECT_EQ(hex(news_of(sketch)), "090000");
  sketch.add_hash(0);
  EXPECT_FALSE(sketch.has_news());
  sketch.add_hash(0x8000004000000000);
  EXPECT_TRUE(sketch.has_news());
  EXPECT_EQ(hex(news_of(sketch)),
            "090001"
            "8180808004");
}

TEST(Hll, NewsOfAnySizeMergeAsTheWholeWould) {
  std::mt19937_64 random(43);
  for (int round = 0; round < 100; ++round) {
    Hll teller = Hll::with_precision(9);
    Hll hearer = Hll::with_precision(9);
    for (int step = 0; step < 12; ++step) {
      for (std::uint64_t i = random() % (round + 2); i > 0; --i) {
        teller.add(static_cast<std::int64_t>(random() % 2000));
      }
      const std::string news = news_of(teller);
      const bool quiet = !teller.has_news();
      const std::string before = bytes_of(hearer);
      Bytes in = news;
      ASSERT_TRUE(hearer.merge_news(in));
      EXPECT_TRUE(in.empty());
      if (quiet) {
        EXPECT_EQ(bytes_of(hearer), before);
      }
      teller.told();
      ASSERT_TRUE(hearer == teller);
      Hll fresh(0.5);
      in = news;
      ASSERT_TRUE(fresh.read(in));  // A partial reads as a state does.
    }
  }
}

TEST(Hll, NewsStayShorterThanTheWhole) {
  Hll sketch(0.01);
  for (auto value : random_values(100'000, 44)) sketch.add(value);
  sketch.told();
  for (auto value : random_values(100, 45)) sketch.add(value);
  EXPECT_LT(news_of(sketch).size(), 200u);
  EXPECT_EQ(bytes_of(sketch).size(), 2u + 12'288u);
}

TEST(Hll, OfTwoPrecisionsKeepsTheLower) {
  for (std::size_t size : {5, 50, 3000}) {
    Hll fine = Hll::with_precision(12);
    Hll coarse = Hll::with_precision(9);
    Hll expected = Hll::with_precision(9);
    for (auto value : random_values(size, 46)) {
      fine.add(value);
      expected.add(value);
    }
    for (auto value : random_values(size / 2, 47)) {
      coarse.add(value);
      expected.add(value);
    }
    Hll a = fine;
    a.merge(coarse);
    Hll b = coarse;
    b.merge(fine);
    Hll c = coarse;
    const std::string bytes = bytes_of(fine);
    Bytes in = bytes;
    ASSERT_TRUE(c.merge_news(in));
    EXPECT_TRUE(a == b);
    EXPECT_TRUE(b == c);
    EXPECT_EQ(a.precision(), 9);
    // Only the choice between sparse and dense may differ from what one sketch had made.
    EXPECT_NEAR(a.estimate(), expected.estimate(), expected.estimate() * 2 * a.error());
  }
}

TEST(Hll, ForgetsEverythingButItsPrecision) {
  Hll sketch(0.05);
  for (auto value : random_values(1000, 48)) sketch.add(value);
  sketch.told();
  sketch.clear();
  EXPECT_EQ(sketch.value(), 0);
  EXPECT_FALSE(sketch.has_news());
  EXPECT_TRUE(sketch == Hll(0.05));
  sketch.add(1);
  EXPECT_EQ(sketch.value(), 1);
}

TEST(Hll, StaysWithinItsMemory) {
  Hll sketch(0.01);
  std::size_t most = 0;
  for (auto value : random_values(50'000, 49)) {
    sketch.add(value);
    most = std::max(most, sketch.memory());
  }
  EXPECT_LE(most, 16'384u);
}

TEST(Hll, SurvivesDamageOfItsBytes) {
  Hll sparse = Hll::with_precision(9);
  for (auto value : random_values(20, 50)) sparse.add(value);
  Hll dense = Hll::with_precision(7);
  for (auto value : random_values(100, 51)) dense.add(value);
  const auto use = [](Hll& damaged) {
    (void)damaged.value();
    damaged.add(7);
  };
  expect_survives_damage(sparse, use);
  expect_survives_damage(dense, use);
}

TEST(Hll, RefusesRanksThatNoHashHas) {
  Hll sketch;
  for (const char* bad : {"\x07\x00\x01\x29",  // Rank 41 of place 0.
                          "\x07\x00\x01\x40",  // Rank 0.
                          "\x07\x03\x01\x28",  // No such form.
                          "\x06\x00\x01\x28", "\x13\x00\x01\x28"}) {
    Bytes in(bad, 4);
    EXPECT_FALSE(sketch.read(in));
    EXPECT_EQ(sketch.value(), 0);
  }
}

}  // namespace
}  // namespace weir::hll_test
