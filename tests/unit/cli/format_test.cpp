#include "cli/format.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

std::string laid_out(std::string text) {
  return *formatted(job::Source("a.yaml", std::move(text)));
}

TEST(Format, DoublesEqualSignsOfExpressionsOnly) {
  EXPECT_EQ(laid_out("pipelines:\n  p:\n    from: s\n    steps:\n"
                     "      - filter: a = 1 and b <= 2 and c != 'x=y' and d == 3  # a = b\n"
                     "    to: t=u\n"),
            "pipelines:\n  p:\n    from: s\n    steps:\n"
            "      - filter: a == 1 and b <= 2 and c != 'x=y' and d == 3  # a = b\n"
            "    to: t=u\n");
}

TEST(Format, LeavesTextBetweenLinesAlone) {
  const std::string text = "# first\n\nweir: 1  # version\n\n# last\n";
  EXPECT_EQ(laid_out(text), text);
  EXPECT_EQ(laid_out("\n\n# first\n\n\n\nweir: 1  # version  \r\n\n\n# last"), text);
}

TEST(Format, WhatIsNoYamlIsAnError) { EXPECT_FALSE(formatted(job::Source("a.yaml", "a: [1"))); }

}  // namespace
}  // namespace weir::cli
