#include <bit>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <weir/detail/aggregate_hash.h>

namespace weir::detail {
namespace {

// Values from a second implementation of the same definition.
TEST(Hash, IsTheSameInEveryVersion) {
  EXPECT_EQ(hash_int(0), 0xe220a8397b1dcdaf);
  EXPECT_EQ(hash_int(1), 0x910a2dec89025cc1);
  EXPECT_EQ(hash_int(~std::uint64_t{0}), 0xe4d971771b652c20);
  EXPECT_EQ(lasting_hash(""), 0xc929f51f941eb286);
  EXPECT_EQ(lasting_hash("a"), 0xa47d36682c3ad962);
  EXPECT_EQ(lasting_hash("ab"), 0xb96d8b9e010e3d10);
  EXPECT_EQ(lasting_hash("abc"), 0xd75f71c13a1df461);
  EXPECT_EQ(lasting_hash("user-42"), 0xc98ba61f6411ceb4);
  EXPECT_EQ(lasting_hash("01234567"), 0x61ad063e0ad5262f);
  EXPECT_EQ(lasting_hash("0123456789abcdef"), 0x1804a6bc7989643f);
  EXPECT_EQ(lasting_hash("0123456789abcdefg"), 0x7636ae4eff7ec191);
  std::string hundred;
  for (char c = 0; c < 100; ++c) hundred.push_back(c);
  EXPECT_EQ(lasting_hash(hundred), 0x8d42e646ba651100);
}

TEST(Hash, FlipsHalfOfItsBitsWhenOneBitOfTheInputFlips) {
  std::mt19937_64 random(71);
  for (std::size_t size : {1, 2, 3, 4, 7, 8, 15, 16, 17, 33}) {
    double flipped = 0;
    int trials = 0;
    for (int round = 0; round < 100; ++round) {
      std::string bytes(size, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      const auto before = lasting_hash(bytes);
      for (std::size_t bit = 0; bit < 8 * size; ++bit, ++trials) {
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
        flipped += std::popcount(before ^ lasting_hash(bytes));
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      }
    }
    EXPECT_NEAR(flipped / trials, 32, 0.6) << size;
  }
}

TEST(Hash, DiffersForStringsThatDifferInLengthOnly) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 200; ++size) {
    EXPECT_TRUE(seen.insert(lasting_hash(std::string(size, '\0'))).second) << size;
    EXPECT_TRUE(seen.insert(lasting_hash(std::string(size + 1, 'x'))).second) << size;
  }
}

}  // namespace
}  // namespace weir::detail
