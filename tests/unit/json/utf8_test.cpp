#include "json/utf8.h"

#include <gtest/gtest.h>

namespace weir::json {
namespace {

TEST(Utf8, WritesWhatItAcceptsForEveryCharacter) {
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xd800 && code < 0xe000) continue;
    std::string text;
    append_utf8(text, code);
    ASSERT_EQ(text.size(), code < 0x80 ? 1U : code < 0x800 ? 2U : code < 0x10000 ? 3U : 4U);
    ASSERT_EQ(find_invalid_utf8(text), std::string_view::npos) << code;
  }
}

TEST(Utf8, RefusesSurrogatesAndWhatLiesBeyond) {
  for (std::uint32_t code = 0xd800; code < 0xe000; ++code) {
    std::string text;
    append_utf8(text, code);
    ASSERT_EQ(find_invalid_utf8(text), 0U) << code;
  }
  std::string text;
  append_utf8(text, 0x110000);
  EXPECT_EQ(find_invalid_utf8(text), 0U);
}

// Of all two-byte texts exactly these are valid: two ASCII bytes, or one character of two bytes.
TEST(Utf8, KnowsEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
      const bool ascii = first < 0x80 && second < 0x80;
      const bool pair = first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;
      ASSERT_EQ(find_invalid_utf8({bytes, 2}) == std::string_view::npos, ascii || pair)
          << first << " " << second;
    }
  }
}

TEST(Utf8, RefusesEveryFormThatIsTooLong) {
  EXPECT_EQ(find_invalid_utf8("\xe0\x9f\xbf"), 0U);
  EXPECT_EQ(find_invalid_utf8("\xe0\xa0\x80"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("\xf0\x8f\xbf\xbf"), 0U);
  EXPECT_EQ(find_invalid_utf8("\xf0\x90\x80\x80"), std::string_view::npos);
}

TEST(Utf8, FindsTheFirstBadByteAtAnyPlace) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (const char* bad : {"\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98"}) {
      const std::string text = std::string(before, 'x') + "\xc3\xa9" + bad;
      EXPECT_EQ(find_invalid_utf8(text), before + 2) << before;
      EXPECT_EQ(find_invalid_utf8(text + "yyyyyyyyyyyy"), before + 2) << before;
    }
  }
}

}  // namespace
}  // namespace weir::json
