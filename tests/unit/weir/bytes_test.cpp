#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/bytes.h>

namespace weir {
namespace {

using std::string_literals::operator""s;

std::string time_bytes(Timestamp time) {
  std::string out;
  append_time(out, time);
  return out;
}

std::string varint(std::uint64_t value) {
  std::string out;
  append_varint(out, value);
  return out;
}

std::string zigzag(std::int64_t value) {
  std::string out;
  append_zigzag(out, value);
  return out;
}

TEST(Bytes, GoldenTimes) {
  EXPECT_EQ(time_bytes(kNoTime), "\0\0\0\0\0\0\0\0"s);
  EXPECT_EQ(time_bytes(-1), "\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(time_bytes(0), "\x80\0\0\0\0\0\0\0"s);
  EXPECT_EQ(time_bytes(0x0102030405060708), "\x81\2\3\4\5\6\7\10"s);
  EXPECT_EQ(time_bytes(kEndOfTime), "\xff\xff\xff\xff\xff\xff\xff\xff"s);
}

TEST(Bytes, GoldenVarints) {
  EXPECT_EQ(varint(0), "\0"s);
  EXPECT_EQ(varint(127), "\x7f");
  EXPECT_EQ(varint(128), "\x80\x01");
  EXPECT_EQ(varint(300), "\xac\x02");
  EXPECT_EQ(varint(std::numeric_limits<std::uint64_t>::max()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Bytes, GoldenZigzags) {
  EXPECT_EQ(zigzag(0), "\0"s);
  EXPECT_EQ(zigzag(-1), "\x01");
  EXPECT_EQ(zigzag(1), "\x02");
  EXPECT_EQ(zigzag(-2), "\x03");
  EXPECT_EQ(zigzag(std::numeric_limits<std::int64_t>::max()),
            "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(zigzag(std::numeric_limits<std::int64_t>::min()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(Bytes, GoldenLengthsAndBytes) {
  std::string out;
  append_bytes(out, "");
  append_bytes(out, "ab");
  EXPECT_EQ(out, "\0\2ab"s);
}

TEST(Bytes, TimesSortAsTheirBytesDo) {
  std::mt19937_64 random(3);
  std::vector<Timestamp> times = {kNoTime, -1, 0, 1, kEndOfTime};
  for (int i = 0; i < 1000; ++i) times.push_back(static_cast<Timestamp>(random()) >> (i % 63));
  std::sort(times.begin(), times.end());
  std::string last;
  for (const Timestamp time : times) {
    const std::string bytes = time_bytes(time);
    EXPECT_LE(last, bytes) << time;
    last = bytes;
  }
}

TEST(Bytes, EverythingReadsBackInTurn) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t any = random() >> (random() % 64);
    const auto number = static_cast<std::int64_t>(any);
    const std::string text(any % 300, 'x');
    std::string out;
    append_time(out, number);
    append_varint(out, any);
    append_zigzag(out, -number);
    append_bytes(out, text);
    Bytes in = out;
    Timestamp time = 0;
    std::uint64_t plain = 0;
    std::int64_t signed_number = 0;
    Bytes bytes;
    ASSERT_TRUE(read_time(in, time) && read_varint(in, plain) && read_zigzag(in, signed_number) &&
                read_bytes(in, bytes));
    EXPECT_EQ(time, number);
    EXPECT_EQ(plain, any);
    EXPECT_EQ(signed_number, -number);
    EXPECT_EQ(bytes, text);
    EXPECT_TRUE(in.empty());
  }
}

TEST(Bytes, DamageIsRefusedAndNothingIsTaken) {
  const std::vector<std::string> damaged = {
      "",
      "\x80",                                          // Cut off.
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff",          // Cut off.
      "\x80\0"s,                                       // Longer than needed.
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",      // 65 bits.
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01",  // 11 bytes.
  };
  for (const std::string& bytes : damaged) {
    Bytes in = bytes;
    std::uint64_t value = 42;
    std::int64_t number = 42;
    Bytes text = "42";
    EXPECT_FALSE(read_varint(in, value));
    EXPECT_FALSE(read_zigzag(in, number));
    EXPECT_FALSE(read_bytes(in, text));
    EXPECT_EQ(in, bytes);
    EXPECT_EQ(value, 42U);
    EXPECT_EQ(number, 42);
    EXPECT_EQ(text, "42");
  }
}

TEST(Bytes, BytesThatEndTooSoonAreRefused) {
  for (const std::string& bytes : {"\1"s, "\3ab"s,
                                   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                   "ab"s}) {
    Bytes in = bytes;
    Bytes text = "42";
    EXPECT_FALSE(read_bytes(in, text));
    EXPECT_EQ(in, bytes);
    EXPECT_EQ(text, "42");
  }
  Bytes in = "1234567";
  Timestamp time = 42;
  EXPECT_FALSE(read_time(in, time));
  EXPECT_EQ(time, 42);
}

TEST(Bytes, AfterPrefixIsTheLeastKeyBeyondIt) {
  const auto after = [](std::string prefix) {
    after_prefix(prefix);
    return prefix;
  };
  EXPECT_EQ(after("ab"), "ac");
  EXPECT_EQ(after("a\x7f"), "a\x80");
  EXPECT_EQ(after("a\xff"), "b");
  EXPECT_EQ(after("\xff\xff"), "") << "to the end";
  EXPECT_EQ(after(""), "");
}

}  // namespace
}  // namespace weir
