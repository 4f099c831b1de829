#include "job/diagnostic.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "job/diagnostic_print.h"

namespace weir::job {
namespace {

const Source kSource("jobs/a.yaml", "job: x\n      - require: ammount > 0\nü: 'ä' y\n");

std::vector<Diagnostic> sample() {
  Diagnostics found(kSource);
  auto& d = found.error("E201", {24, 7}, "unknown field 'ammount' in stream 'orders'");
  d.hint = "did you mean 'amount'?";
  d.notes = {"fields of 'orders': order_id, amount"};
  return found.all();
}

TEST(Source, CountsLinesAndColumns) {
  EXPECT_EQ(kSource.position(0), (Position{1, 1}));
  EXPECT_EQ(kSource.position(24), (Position{2, 18}));
  EXPECT_EQ(kSource.position(kSource.text().find('y', 30)), (Position{3, 8}));
  EXPECT_EQ(kSource.position(10'000).line, 3);
  EXPECT_EQ(kSource.position(Place::kNowhere), (Position{0, 0}));
  EXPECT_EQ(kSource.line(1), "job: x");
  EXPECT_EQ(kSource.line(4), "");
  EXPECT_EQ(Source("a", "x\r\ny").line(1), "x");
}

TEST(Source, SaysWhyAFileCannotBeRead) {
  EXPECT_NE(Source::read("/no/such/file").error().text.find("No such file"), std::string::npos);
  EXPECT_FALSE(Source::read("/tmp"));
  const std::string path = testing::TempDir() + "weir_long_job.yaml";
  std::ofstream(path) << std::string(Source::kBytesMax + 1, 'x');
  EXPECT_NE(Source::read(path).error().text.find("longer than 512 KiB"), std::string::npos);
  std::ofstream(path) << "job: x";
  EXPECT_EQ(Source::read(path)->text(), "job: x");
}

TEST(Diagnostic, PlainFormIsOneLine) {
  EXPECT_EQ(print_plain(sample()),
            "jobs/a.yaml:2:18: error[E201]: unknown field 'ammount' in stream 'orders' (did you "
            "mean 'amount'?)\n");
}

TEST(Diagnostic, PrettyFormShowsLineAndCaret) {
  EXPECT_EQ(print_pretty(sample(), false),
            "error[E201]: unknown field 'ammount' in stream 'orders'\n"
            " --> jobs/a.yaml:2:18\n"
            "  |\n"
            "2 |       - require: ammount > 0\n"
            "  |                  ^^^^^^^ did you mean 'amount'?\n"
            "  = fields of 'orders': order_id, amount\n");
  EXPECT_NE(print_pretty(sample(), true).find("\x1b[1;31merror[E201]\x1b[0m"), std::string::npos);
}

TEST(Diagnostic, PrettyFormPutsOtherHintsBelow) {
  Diagnostics found(kSource);
  found.warning("W102", {0, 3}, "stays open").hint = "write idle";
  EXPECT_EQ(print_pretty(found.all(), false),
            "warning[W102]: stays open\n --> jobs/a.yaml:1:1\n  |\n1 | job: x\n  | ^^^\n"
            "  = write idle\n");
}

TEST(Diagnostic, PrettyFormPutsTheCaretBelowWideCharacters) {
  Diagnostics found(kSource);
  found.error("E001", {kSource.text().find('y', 30), 1}, "t");
  EXPECT_NE(print_pretty(found.all(), false).find("3 | ü: 'ä' y\n  |        ^\n"),
            std::string::npos);
}

TEST(Diagnostic, JsonEscapesWhatMustBeEscaped) {
  EXPECT_EQ(json_quoted("ü€😀"), "\"ü€😀\"");
  EXPECT_EQ(json_quoted("a\xFF\xC3(\xE2\x82"), "\"a\\ufffd\\ufffd(\\ufffd\\ufffd\"");
  EXPECT_EQ(json_quoted("\xED\xA0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");  // Half of a pair.
  EXPECT_EQ(json_quoted("\xC0\x80"), "\"\\ufffd\\ufffd\"");             // Too long for a zero.
  EXPECT_EQ(json_quoted("a\"b\\c\n\x01ü"), "\"a\\\"b\\\\c\\n\\u0001ü\"");
  EXPECT_EQ(print_json({}), "[]\n");
  EXPECT_NE(print_json(sample()).find("\"code\": \"E201\", \"file\": \"jobs/a.yaml\", \"line\": 2, "
                                      "\"column\": 18, \"length\": 7"),
            std::string::npos);
}

TEST(Diagnostic, SarifNamesRuleAndRegion) {
  const std::string sarif = print_sarif(sample(), "1.0.0");
  EXPECT_NE(sarif.find("\"version\": \"2.1.0\""), std::string::npos);
  EXPECT_NE(sarif.find("\"ruleId\": \"E201\""), std::string::npos);
  EXPECT_NE(sarif.find("\"startLine\": 2, \"startColumn\": 18, \"endColumn\": 25"),
            std::string::npos);
  EXPECT_NE(sarif.find("\"shortDescription\""), std::string::npos);
}

TEST(Diagnostic, GithubFormEscapesItsOwnSyntax) {
  Diagnostics found(kSource);
  found.error("E001", {0, 3}, "50% of\nit");
  EXPECT_EQ(print_github(found.all()),
            "::error file=jobs/a.yaml,line=1,col=1,endColumn=4,title=E001::50%25 of%0Ait\n");
}

TEST(Diagnostic, FindingsOfNoPlaceHaveNoLine) {
  Diagnostics found(kSource);
  found.error("E007", {}, "too long");
  EXPECT_EQ(print_plain(found.all()), "jobs/a.yaml: error[E007]: too long\n");
  EXPECT_EQ(print_pretty(found.all(), false), "error[E007]: too long\n --> jobs/a.yaml\n");
}

TEST(Diagnostics, StopCollectingAtTheLimitButGoOnCounting) {
  Diagnostics found(kSource);
  for (int i = 0; i < 300; ++i) found.error("E001", {0, 1}, "x").hint = "y";
  EXPECT_EQ(found.all().size(), Diagnostics::kFindingsMax);
  EXPECT_EQ(found.errors(), 300U);
}

TEST(Diagnostics, SortByPlace) {
  Diagnostics found(kSource);
  found.error("E001", {24, 1}, "second");
  found.error("E001", {2, 1}, "first");
  found.sort();
  EXPECT_EQ(found.all()[0].text, "first");
}

TEST(Nearest, FindsOneSlipOrTwo) {
  const std::vector<std::string> known{"amount", "order_id", "currency", "by"};
  EXPECT_EQ(nearest("ammount", known), "amount");
  EXPECT_EQ(nearest("amuont", known), "amount");  // A swap is one slip.
  EXPECT_EQ(nearest("AMOUNT", known), "amount");
  EXPECT_EQ(nearest("orderid", known), "order_id");
  EXPECT_EQ(nearest("yb", known), "by");
  EXPECT_EQ(nearest("zzzzzz", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), known), "");
  EXPECT_EQ(did_you_mean("amont", known), "did you mean 'amount'?");
  EXPECT_EQ(did_you_mean("zzzzzz", known), "");
}

TEST(CodePages, AreSortedAndTellSomething) {
  std::string last;
  for (const CodePage& page : code_pages()) {
    EXPECT_LT(last, page.code);
    last = page.code;
    EXPECT_GT(page.title.size(), 10U) << page.code;
    EXPECT_GT(page.text.size(), 60U) << page.code;
  }
  ASSERT_NE(find_code_page("E201"), nullptr);
  EXPECT_EQ(find_code_page("E999"), nullptr);
}

}  // namespace
}  // namespace weir::job
