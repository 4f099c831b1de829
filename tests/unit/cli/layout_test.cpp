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

TEST(Layout, FitsLinesBelowTheirOwnBeginning) {
  EXPECT_EQ(fitted("one two\n  three four five\n\n", 12), "one two\n  three four\n    five\n\n");
  EXPECT_EQ(fitted("", 12), "");
  EXPECT_EQ(fitted("   ", 2), "   \n");
}

TEST(Layout, ReflowsParagraphsAndLeavesExamples) {
  EXPECT_EQ(reflowed("one two\nthree\n\n  a: b  c\nfour\n", 9),
            "one two\nthree\n\n  a: b  c\nfour\n");
  EXPECT_EQ(reflowed("one\ntwo three", 80), "one two three\n");
}

TEST(Layout, FoldsValuesBehindCommasAndBlanksWhereItCan) {
  EXPECT_EQ(folded("key {\"a\":1,\"b\":2}\nshort\n", 2, 12), "key {\"a\":1,\n  \"b\":2}\nshort\n");
  EXPECT_EQ(folded("x abcdefghijkl\n", 2, 8), "x abcdef\n  ghijkl\n");
  EXPECT_EQ(folded("\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4\n", 1, 4),
            "\u00e4\u00f6\u00fc\u00e4\n \u00f6\u00fc\u00e4\n");
  EXPECT_EQ(folded("12345678\n", 3, 8), "12345678\n");
  EXPECT_EQ(folded("as it is, however long\n", 3, 0), "as it is, however long\n");
}

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
