// Ways to check an accumulator that every one of them must pass.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/bytes.h>

namespace weir {

template <class Acc>
std::string bytes_of(const Acc& acc) {
  std::string bytes;
  acc.write(bytes);
  return bytes;
}

// The bytes as hex digits, for golden values.
inline std::string hex(const std::string& bytes) {
  std::string text;
  for (char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kDigits[c & 15]);
  }
  return text;
}

// Adds the inputs in their order to partials that lie one after another, and merges those in a
// random grouping: neighbours only, so that what came earlier stays on the left.
template <class Acc, class Inputs, class Add>
Acc merged_in_order(const Acc& start, const Inputs& inputs, std::mt19937_64& random, Add add) {
  std::vector<Acc> partials{start};
  for (const auto& input : inputs) {
    if (random() % 8 == 0) partials.push_back(start);
    add(partials.back(), input);
  }
  while (partials.size() > 1) {
    const std::size_t left = random() % (partials.size() - 1);
    partials[left].merge(partials[left + 1]);
    partials.erase(partials.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  }
  return partials.front();
}

// Deals the inputs out to partials at random, and merges those in a random order.
template <class Acc, class Inputs, class Add>
Acc merged_at_random(const Acc& start, const Inputs& inputs, std::mt19937_64& random, Add add) {
  std::vector<Acc> partials(1 + random() % 6, start);
  for (const auto& input : inputs) add(partials[random() % partials.size()], input);
  std::shuffle(partials.begin(), partials.end(), random);
  Acc all = start;
  for (const Acc& partial : partials) all.merge(partial);
  return all;
}

// Written and read back it is the same, byte for byte, and takes its own bytes only.
template <class Acc>
void expect_round_trip(const Acc& acc, Acc into) {
  const std::string bytes = bytes_of(acc);
  const std::string longer = bytes + "rest";
  Bytes in = longer;
  ASSERT_TRUE(into.read(in)) << hex(bytes);
  EXPECT_EQ(in, "rest");
  EXPECT_TRUE(into == acc);
  EXPECT_EQ(hex(bytes_of(into)), hex(bytes));
}

// No damage to its bytes does anything worse than a refusal or another value that works.
template <class Acc, class Use>
void expect_survives_damage(const Acc& acc, Use use) {
  const std::string good = bytes_of(acc);
  for (std::size_t size = 0; size < good.size(); ++size) {
    Bytes in = Bytes(good).substr(0, size);
    Acc into = acc;
    EXPECT_FALSE(into.read(in)) << size << " of " << good.size() << " bytes";
    use(into);
  }
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bad = good;
    for (int change = 0; change < 1 + round % 3; ++change) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    Acc into = acc;
    Bytes in = bad;
    if (into.read(in)) {
      Acc again = into;
      const std::string bytes = bytes_of(into);
      Bytes second = bytes;
      EXPECT_TRUE(again.read(second)) << hex(bad) << " gave " << hex(bytes);
      into.merge(again);
    }
    use(into);
  }
}

}  // namespace weir
