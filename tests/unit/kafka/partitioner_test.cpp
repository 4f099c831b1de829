#include "kafka/partitioner.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::kafka {
namespace {

// From Apache Kafka's own UtilsTest.testMurmur2.
TEST(Murmur2, HashesAsJavaClientsDo) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")),
            -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

TEST(Murmur2, ReadsBytesAsUnsigned) {
  // A key of every length with the top bit set: signed arithmetic would smear it over the word.
  EXPECT_NE(murmur2("\x80"), murmur2(std::string_view("\x80\0", 2)));
  EXPECT_NE(murmur2("a\x80"), murmur2("\xe1\x80"));
}

TEST(PartitionOf, IsPositiveForNegativeHashes) {
  // toPositive(-973932308) = 1173551340.
  EXPECT_EQ(partition_of("21", 10), 0);
  EXPECT_EQ(partition_of("21", 7), 1173551340 % 7);
  for (int n = 1; n < 50; ++n) {
    const auto partition = partition_of("foobar", n);
    EXPECT_GE(partition, 0);
    EXPECT_LT(partition, n);
  }
}

TEST(PartitionOf, TakesAnEmptyKeyForAKey) {
  EXPECT_EQ(partition_of("", 4), partition_of(std::string(), 4));
  EXPECT_EQ(murmur2(""), 275646681U);  // Java: Utils.murmur2(new byte[0]).
}

}  // namespace
}  // namespace weir::kafka
