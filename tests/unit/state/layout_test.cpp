#include "state/layout.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::state {
namespace {

using std::string_literals::operator""s;

std::string hex(Bytes bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

std::string hex_of_position(std::int64_t offset, Timestamp stream_time) {
  std::string bytes;
  append_position(bytes, {offset, stream_time});
  return hex(bytes);
}

std::string row_of(Bytes key) {
  std::string scratch;
  return std::string(row_key(key, scratch));
}

// Golden bytes: a change here is another format version.
TEST(Layout, GoldenPositions) {
  EXPECT_EQ(hex_of_position(0, 0), "0000");
  EXPECT_EQ(hex_of_position(-1, kNoTime), "01ffffffffffffffffff01");
  EXPECT_EQ(hex_of_position(300, -2), "d80403");
  EXPECT_EQ(hex_of_position(1, kEndOfTime), "02feffffffffffffffff01");
}

TEST(Layout, GoldenNames) {
  EXPECT_EQ(kFormatVersion, 1U);
  EXPECT_EQ(kOwnerFirstLine, "weir state 1\n");
  EXPECT_EQ(kStrangerFirstLine, "not weir\n");
  EXPECT_EQ(kMetaDatabase, "meta");
  EXPECT_EQ(kStorePrefix, "store/");
  EXPECT_EQ(kMetaFormat, "format");
  EXPECT_EQ(kMetaFingerprint, "fingerprint");
  EXPECT_EQ(kMetaBoot, "boot");
  EXPECT_EQ(kMetaClean, "clean");
  EXPECT_EQ(kMetaTask, "task");
  EXPECT_EQ(hex(kInUse), "00");
  EXPECT_EQ(hex(kClosed), "01");
}

TEST(Layout, GoldenRowKeys) {
  EXPECT_EQ(row_of("user-1"), "user-1");
  EXPECT_EQ(row_of(""), "\0"s);
  EXPECT_EQ(row_of("\0"s), "\0\0"s);
  EXPECT_EQ(row_of("\0a"s), "\0a"s);
  EXPECT_EQ(row_of(std::string(495, 'k')), std::string(495, 'k'));
  EXPECT_EQ(row_of(std::string(495, '\0')), std::string(496, '\0'));
  // FNV-1a of "k" and of "a", as published with the algorithm.
  EXPECT_EQ(hex(row_of(std::string(495, 'k') + "a").substr(495)), "af63dc4c8601ec8c");
  EXPECT_EQ(hex(row_of(std::string(495, 'k') + "foobar").substr(495)), "85944171f73967e8");
}

TEST(Layout, GoldenEntries) {
  std::string one;
  ASSERT_TRUE(change_entries({}, "rest", "value", one));
  EXPECT_EQ(hex(one),
            "04"
            "72657374"
            "05"
            "76616c7565");
  std::string two;
  ASSERT_TRUE(change_entries(one, "a", "", two));
  EXPECT_EQ(hex(two),
            "01"
            "61"
            "00"
            "04"
            "72657374"
            "05"
            "76616c7565");
}

TEST(Layout, PositionsRoundTrip) {
  for (const Position& position :
       {Position{}, Position{0, 0}, Position{std::numeric_limits<std::int64_t>::max(), kEndOfTime},
        Position{17, -17}}) {
    std::string bytes;
    append_position(bytes, position);
    Bytes rest = bytes;
    Position read{42, 42};
    ASSERT_TRUE(read_position(rest, read));
    EXPECT_EQ(read, position);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(Layout, RefusesDamagedPositionsAndLeavesTheTargetAlone) {
  for (const std::string& bytes : {""s, "\x02"s, "\x80"s, "\x03\x00"s /* offset -2 */}) {
    Bytes rest = bytes;
    Position read{42, 42};
    EXPECT_FALSE(read_position(rest, read)) << hex(bytes);
    EXPECT_EQ(read, (Position{42, 42}));
    EXPECT_EQ(rest, bytes);
  }
}

TEST(Layout, PlainRowsKeepTheOrderOfTheirKeys) {
  std::vector<std::string> keys = {"",      "\0"s,     "\0\0"s,   "\0\0\0"s,  "\0\0\1"s,
                                   "\0\1"s, "\0\1\0"s, "\0a"s,    "\1"s,      "\1\0"s,
                                   "a",     "a\0"s,    "aa",      "b",        "\x7f"s,
                                   "\x80"s, "\xff"s,   "\xff\0"s, "\xff\xff"s};
  ASSERT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  std::vector<std::string> rows;
  for (const std::string& key : keys) {
    rows.push_back(row_of(key));
    EXPECT_EQ(plain_key(rows.back()), key);
    EXPECT_FALSE(rows.back().empty());
    EXPECT_FALSE(is_long_row(rows.back()));
  }
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end()) << "no two keys share a row";
}

TEST(Layout, LongRowsFitLmdbAndFollowTheirPrefix) {
  for (const std::size_t size : {496U, 511U, 512U, 5000U}) {
    const std::string key(size, 'k');
    EXPECT_TRUE(is_long(key));
    const std::string row = row_of(key);
    EXPECT_TRUE(is_long_row(row));
    EXPECT_LE(row.size(), 511U);
    EXPECT_GT(row, row_of(std::string(495, 'k')));
    EXPECT_LT(row, row_of(std::string(494, 'k') + "l"));
  }
  EXPECT_FALSE(is_long(std::string(495, 'k')));
}

TEST(Layout, EntriesStayInOrderAndAreReplacedAndRemoved) {
  std::string entries;
  std::string next;
  for (const char* rest : {"m", "a", "z", "b"}) {
    ASSERT_TRUE(change_entries(entries, rest, rest, next));
    entries.swap(next);
  }
  ASSERT_TRUE(change_entries(entries, "b", "new", next));
  entries.swap(next);
  ASSERT_TRUE(change_entries(entries, "m", std::nullopt, next));
  entries.swap(next);
  ASSERT_TRUE(change_entries(entries, "absent", std::nullopt, next));
  entries.swap(next);
  std::vector<std::pair<Bytes, Bytes>> found;
  for (Bytes left = entries; !left.empty();) {
    auto& [rest, value] = found.emplace_back();
    ASSERT_TRUE(read_entry(left, rest, value));
  }
  EXPECT_EQ(found, (std::vector<std::pair<Bytes, Bytes>>{{"a", "a"}, {"b", "new"}, {"z", "z"}}));
}

TEST(Layout, TheLastEntryRemovedLeavesNothing) {
  std::string one;
  std::string none = "x";
  ASSERT_TRUE(change_entries({}, "r", "v", one));
  ASSERT_TRUE(change_entries(one, "r", std::nullopt, none));
  EXPECT_EQ(none, "");
}

TEST(Layout, RefusesDamagedEntries) {
  std::string out;
  for (const std::string& bytes :
       {"\x05"s, "\x01"s, "\x01r"s, "\x01r\x02v"s, "\x00\x01v"s, "\x80"s}) {
    EXPECT_FALSE(change_entries(bytes, "zz", "v", out)) << hex(bytes);
  }
}

}  // namespace
}  // namespace weir::state
