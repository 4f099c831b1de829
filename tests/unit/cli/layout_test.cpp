#include "cli/layout.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

TEST(Layout, WrapsAtBlanks) {
  EXPECT_EQ(wrapped("one two three", 2, 0, 8), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 2, 5, 8), "one\n  two\n  three");
  EXPECT_EQ(wrapped("one two", 0, 0, 7), "one two");
}

TEST(Layout, LeavesLongWordsWhole) {
  EXPECT_EQ(wrapped("a longest b", 1, 0, 4), "a\n longest\n b");
}

TEST(Layout, KeepsParagraphs) { EXPECT_EQ(wrapped("a b\nc", 1, 0, 80), "a b\n c"); }

TEST(Layout, ClipsEachLine) {
  EXPECT_EQ(clipped("abc\nde\nfghi", 2), "ab\nde\nfg");
  EXPECT_EQ(clipped("", 2), "");
}

TEST(Layout, CountsCharactersNotBytesAndNoColours) {
  EXPECT_EQ(clipped("\u00e4\u00f6\u00fc", 2), "\u00e4\u00f6");
  EXPECT_EQ(clipped("\033[1mabc\033[0m", 2), "\033[1mab\033[0m");
}

}  // namespace
}  // namespace weir::cli
