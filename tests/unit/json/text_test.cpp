#include "json/text.h"

#include <gtest/gtest.h>

namespace weir::json {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string unescaped(std::string_view raw) {
  std::string out;
  append_unescaped(out, raw);
  return out;
}

TEST(Text, EscapesWhatJsonWantsAndNothingElse) {
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(in_quotes("plain / text"), "\"plain / text\"");
  EXPECT_EQ(in_quotes("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(in_quotes("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(in_quotes(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(in_quotes("Zo\xc3\xab \xf0\x9f\x98\x80"), "\"Zo\xc3\xab \xf0\x9f\x98\x80\"");
}

TEST(Text, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(in_quotes("a\xff"
                      "b"),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(in_quotes("\xc3"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(in_quotes("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(in_quotes("\xff\"\xff"), "\"\xef\xbf\xbd\\\"\xef\xbf\xbd\"");
}

TEST(Text, UnescapesEveryEscape) {
  EXPECT_EQ(unescaped(""), "");
  EXPECT_EQ(unescaped("plain"), "plain");
  EXPECT_EQ(unescaped(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(unescaped(R"(a\u00e9b\u20ACc)"),
            "a\xc3\xa9"
            "b\xe2\x82\xac"
            "c");
  EXPECT_EQ(unescaped(R"(\ud83d\ude00!)"), "\xf0\x9f\x98\x80!");
  EXPECT_EQ(unescaped(R"(\udbff\udfff)"), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(unescaped(R"(\u0000)"), std::string(1, '\0'));
  EXPECT_EQ(unescaped(R"(\\u0041)"), "\\u0041");
}

TEST(Text, ReadsBackWhatItWrites) {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  const std::string text = in_quotes(all);
  const StringEnd end = find_string_end(text.c_str() + 1);
  EXPECT_EQ(end.fault, nullptr);
  EXPECT_TRUE(end.escaped);
  EXPECT_EQ(end.at, text.c_str() + text.size() - 1);
  EXPECT_EQ(unescaped(std::string_view(text).substr(1, text.size() - 2)), all);
}

TEST(Text, StopsAtTheFirstFault) {
  const char* text = R"(ok \n bad \x")";
  const StringEnd end = find_string_end(text);
  EXPECT_STREQ(end.fault, "unknown escape in a string");
  EXPECT_EQ(end.at - text, 10);
}

}  // namespace
}  // namespace weir::json
