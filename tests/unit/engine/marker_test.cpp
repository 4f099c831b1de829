#include "engine/marker.h"

#include <gtest/gtest.h>

#include <weir/bytes.h>

namespace weir::engine {
namespace {

std::string bytes_of(const Marker& marker) {
  std::string bytes;
  append_marker(bytes, marker);
  return bytes;
}

TEST(Marker, HasTheBytesOfItsGrammar) {
  const Marker marker{.upstream = 2, .tasks = 300, .reached = 5, .empty = false, .caught_up = true};
  EXPECT_EQ(bytes_of(marker),
            std::string("\x03\x02\xac\x02\x80\x00\x00\x00\x00\x00\x00\x05\x02", 13));
}

TEST(Marker, ReadsBackWhatWasWritten) {
  for (const Timestamp reached : {kNoTime, Timestamp{-1}, Timestamp{0}, kEndOfTime}) {
    for (const bool flag : {false, true}) {
      const Marker marker{
          .upstream = 0, .tasks = 1, .reached = reached, .empty = flag, .caught_up = !flag};
      Marker read;
      ASSERT_TRUE(read_marker(bytes_of(marker), read));
      EXPECT_EQ(read, marker);
    }
  }
}

TEST(Marker, DamageIsSeen) {
  const std::string good = bytes_of({.upstream = 1, .tasks = 4, .reached = 77});
  Marker read;
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_marker(good.substr(0, size), read)) << size;
  }
  EXPECT_FALSE(read_marker(good + '\0', read));
  std::string flags = good;
  flags.back() = 4;
  EXPECT_FALSE(read_marker(flags, read));
}

TEST(Marker, AnUpstreamOutsideItsTasksIsDamage) {
  std::string bytes = "\x03";
  append_varint(bytes, 4);
  append_varint(bytes, 4);
  append_time(bytes, 0);
  bytes.push_back('\0');
  Marker read;
  EXPECT_FALSE(read_marker(bytes, read));
}

TEST(Marker, RecordsAreNoMarkers) {
  EXPECT_FALSE(is_marker(""));
  EXPECT_FALSE(is_marker("\x01rest"));
  EXPECT_FALSE(is_marker("\x02rest"));
}

}  // namespace
}  // namespace weir::engine
