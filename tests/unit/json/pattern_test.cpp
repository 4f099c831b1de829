#include "json/pattern.h"

#include <random>
#include <regex>
#include <string>

#include <gtest/gtest.h>
#include <rapidjson/internal/regex.h>

namespace weir::json {
namespace {

TEST(Pattern, PlainOnesAreTaken) {
  for (const char* good :
       {"a", "^a$", "^order_[0-9]+$", "a|b|c", "^(a|b)$", "(a(b|c)*)+", "[^a-z0-9_]", "a{3}",
        "a{2,}", "a{2,5}", "(ab){2,3}x", ".", "\\.\\$\\^\\|\\(\\)\\?\\*\\+\\[\\]\\{\\}\\\\",
        "\\n\\t", "[.][0-9]{3}", "^[a-z]*$", "^(a?b*)$", "caf\xc3\xa9"}) {
    EXPECT_TRUE(is_plain_pattern(good)) << good;
    EXPECT_TRUE(rapidjson::internal::Regex(good).IsValid()) << good;
  }
}

TEST(Pattern, OthersAreRefused) {
  for (const char* bad : {"",
                          "^$",
                          "*",
                          "a**",
                          "a+*",
                          "a?+",
                          "a{2}{3}",
                          "a{2}*",
                          "(",
                          ")",
                          "()",
                          "(a",
                          "a)",
                          "|",
                          "a|",
                          "|a",
                          "(|a)",
                          "(a|)",
                          "[",
                          "[]",
                          "[^]",
                          "[a",
                          "[a-",
                          "[z-",
                          "[a-]",
                          "a{",
                          "a{}",
                          "a{,3}",
                          "a{3,2}",
                          "a{0}",
                          "a{1",
                          "a{1001}",
                          "(a{100}){100}",
                          "((a{20}){20}){20}",
                          "\\",
                          "\\d",
                          "\\w",
                          "\\s",
                          "\\1",
                          "\\u0041",
                          "\\-",
                          "(?=a)",
                          "(?:a)",
                          "a^b",
                          "a$b",
                          "^a|b",
                          "a|b$",
                          "(^a)",
                          "(a$)",
                          "]",
                          "}",
                          "{2}"}) {
    EXPECT_FALSE(is_plain_pattern(bad)) << bad;
  }
  EXPECT_FALSE(is_plain_pattern(std::string(100, '(') + "a" + std::string(100, ')')));
}

// RapidJSON must neither assert nor differ from the standard library's ECMAScript on what is taken.
TEST(Pattern, WhatIsTakenMatchesAsTheStandardSays) {
  std::mt19937_64 random(5);
  constexpr std::string_view kPieces[] = {"a", "b", ".",   "[ab]",  "[^a]", "(", ")", "|",    "*",
                                          "+", "?", "{2}", "{1,2}", "\\.",  "^", "$", "(ab)", "a"};
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string pattern;
    for (std::uint64_t n = 1 + random() % 7; n > 0; --n) {
      pattern += kPieces[random() % std::size(kPieces)];
    }
    if (!is_plain_pattern(pattern)) continue;
    ++taken;
    rapidjson::internal::Regex compiled(pattern.c_str());
    ASSERT_TRUE(compiled.IsValid()) << pattern;
    const std::regex expected(pattern);
    for (const char* text : {"", "a", "b", "ab", "ba", "aab", "abab", "a.b", "bbb", "aaaa"}) {
      ASSERT_EQ(compiled.Search(text), std::regex_search(text, expected)) << pattern << " " << text;
    }
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace weir::json
