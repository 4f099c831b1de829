#include <gtest/gtest.h>

#include "job/yaml.h"

namespace weir::job {
namespace {

std::string advice(const std::string& file, std::string_view message) {
  const Source source("job.yaml", file);
  const SyntaxAdvice said = explain_syntax(source, 0, message);
  return said.text + " | " + said.hint;
}

TEST(YamlAdvice, LooksAtTheLineBeforeTheMessage) {
  EXPECT_EQ(advice("f: 'a' == b", "end of map not found").find("a value that starts with a quote"),
            0U);
  EXPECT_EQ(advice("f: 'a'", "illegal map value").find("YAML does not expect a ':'"), 0U);
  EXPECT_EQ(advice("- f: `x`", "unknown token").find("a value cannot start with '`'"), 0U);
}

TEST(YamlAdvice, TranslatesWhatItKnowsAndQuotesTheRest) {
  EXPECT_EQ(advice("a", "illegal EOF in scalar"),
            "a quote is opened and never closed | close the quote");
  EXPECT_EQ(advice("a", "something new"), "this is not YAML: something new | ");
}

TEST(YamlAdvice, IsCalmAboutAnyLine) {
  for (const char* line :
       {"", " ", "-", "- ", ": ", "'", "\"", "- - ", "${", "{", "a: '", "a: \""}) {
    EXPECT_FALSE(advice(line, "x").empty());
  }
}

}  // namespace
}  // namespace weir::job
