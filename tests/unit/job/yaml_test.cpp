#include "job/yaml.h"

#include <chrono>

#include <gtest/gtest.h>

namespace weir::job {
namespace {

// Reads a text and keeps what came of it.
struct Read {
  explicit Read(std::string text) : source("job.yaml", std::move(text)), found(source) {
    tree = read_yaml(found);
  }
  // "E002 3:1 text (hint)" of the first finding.
  std::string first() const {
    if (found.all().empty()) return "";
    const Diagnostic& d = found.all()[0];
    return d.code + " " + std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.text +
           " (" + d.hint + ")";
  }
  Source source;
  Diagnostics found;
  std::optional<Node> tree;
};

TEST(Yaml, KeepsThePlaceOfEveryScalarAndKey) {
  Read r("job: hello\nstreams:\n  orders: {topic: a, fields: any}\n");
  ASSERT_TRUE(r.tree);
  EXPECT_EQ(r.found.all().size(), 0U);
  const Node* orders = r.tree->find("streams")->find("orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_TRUE(orders->is_map());
  EXPECT_TRUE(orders->flow);
  EXPECT_EQ(r.source.text(orders->find("topic")->place), "a");
  EXPECT_EQ(r.source.text(orders->find_key("fields")->place), "fields");
  EXPECT_EQ(r.source.position(orders->find("fields")->place.offset), (Position{3, 30}));
}

TEST(Yaml, CountsColumnsInCharacters) {
  Read r("{é: 1, é: 2}");
  EXPECT_EQ(r.first(), "E002 1:8 'é' is there twice, first in line 1 (remove one of the two)");
}

TEST(Yaml, PlacesAMissingValueBehindItsKey) {
  Read r("a:\nb: 1\n");
  ASSERT_TRUE(r.tree);
  EXPECT_TRUE(r.tree->find("a")->is_null());
  EXPECT_EQ(r.source.position(r.tree->find("a")->place.offset), (Position{1, 2}));
}

TEST(YamlTrap, DuplicateKeyIsAnErrorWithBothLines) {
  Read r("streams:\n  orders: {topic: a}\n  x: 1\n  orders: {topic: b}\n");
  EXPECT_EQ(r.first(), "E002 4:3 'orders' is there twice, first in line 2 (remove one of the two)");
}

TEST(YamlTrap, MergeKeyIsAnError) {
  Read r("a: {x: 1}\nb:\n  <<: 1\n");
  EXPECT_EQ(r.first().substr(0, 9), "E003 3:3 ");
}

TEST(YamlTrap, AnchorAndAliasAreErrorsWhereTheyStand) {
  Read r("a: &x 1\nb: *x\n");
  ASSERT_EQ(r.found.all().size(), 2U);
  EXPECT_EQ(r.first().substr(0, 9), "E006 1:4 ");
  EXPECT_EQ(r.found.all()[1].code, "E006");
  EXPECT_EQ(r.found.all()[1].line, 2);
  EXPECT_EQ(r.found.all()[1].column, 4);
}

TEST(YamlTrap, WordsOfYaml11AreOnlyText) {
  Read r("on: yes\nno: off\n");
  ASSERT_TRUE(r.tree);
  EXPECT_EQ(r.tree->find("on")->text, "yes");
  EXPECT_EQ(r.tree->find("no")->text, "off");
}

TEST(YamlTrap, TagIsAnErrorAndNamesNot) {
  Read r("filter: !paid");
  EXPECT_EQ(r.first(),
            "E004 1:9 YAML reads '!paid' as a tag and drops it (to negate, write 'not'; a text "
            "that starts with '!' needs quotes)");
}

TEST(YamlTrap, ConditionalOfOtherLanguagesNamesCase) {
  Read r("x: 1\nf: a ? b : c");
  EXPECT_EQ(r.first(),
            "E001 2:10 'a ? b : c' is not part of the language (write: case when a then b else c "
            "end)");
}

TEST(YamlTrap, SecondColonWantsQuotes) {
  Read r("f: x: y");
  EXPECT_EQ(r.first().substr(0, 36), "E001 1:5 a second ': ' in one line (");
}

TEST(YamlTrap, ComparisonWithoutLeftSideIsNoBlock) {
  Read r("f: > 5");
  EXPECT_NE(r.first().find("reads a block of text"), std::string::npos) << r.first();
  EXPECT_NE(r.first().find("amount > 5"), std::string::npos);
}

TEST(YamlTrap, ForbiddenFirstCharactersWantQuotes) {
  for (const char* text : {"f: %x", "f: `x`", "f: @1s"}) {
    Read r(text);
    EXPECT_EQ(r.first().substr(0, 9), "E001 1:4 ");
    EXPECT_NE(r.first().find("put it between single quotes"), std::string::npos) << r.first();
  }
}

TEST(YamlTrap, QuoteAtTheStartEndsTheValue) {
  Read r("f: 'a' == b");
  EXPECT_NE(r.first().find("b == 'a'"), std::string::npos) << r.first();
}

TEST(YamlTrap, QuestionMarkInsideBracesNamesOrNull) {
  Read r("fields: {t: string?}");
  EXPECT_NE(r.first().find("'string or null'"), std::string::npos) << r.first();
  Read s("set: {t: a ?? b}");
  EXPECT_NE(s.first().find("on its own line"), std::string::npos) << s.first();
}

TEST(YamlTrap, OutsideValueInsideBracesWantsItsOwnLine) {
  Read r("mongodb: {uri: ${X}}");
  EXPECT_NE(r.first().find("'${...}' cannot stand inside"), std::string::npos) << r.first();
}

TEST(YamlTrap, ExpressionCutAtItsCommaIsSeen) {
  Read r("set: {total: round(a, 2)}");
  EXPECT_EQ(r.first(),
            "E005 1:14 YAML cuts this expression at its comma: 'round(a' (put the expression on "
            "its own line, without {} or [])");
  Read list("by: [round(a, 2)]");
  EXPECT_EQ(list.first().substr(0, 4), "E005");
}

TEST(YamlTrap, TextListInsideBracesWantsItsOwnLine) {
  Read r("r: {when: x in ('A', 'B')}");
  EXPECT_NE(r.first().find("own line"), std::string::npos) << r.first();
}

TEST(YamlTrap, WhatIsFineInBlockStyleStaysFine) {
  Read r(
      "a: 5%\nb: 100ms..10s\nc: a % 2 == 0\nd: x like 'a%'\ne: $big > 1\nf: not x\ng: -x\n"
      "h: a ?? 'x'\n");
  EXPECT_EQ(r.first(), "");
  EXPECT_EQ(r.tree->find("h")->text, "a ?? 'x'");
}

TEST(YamlTrap, TabsCannotIndent) {
  Read r("a:\n\tb: 1\n");
  EXPECT_NE(r.first().find("tab"), std::string::npos) << r.first();
}

TEST(Yaml, SaysWhatDoesNotFit) {
  EXPECT_NE(Read("a:\n  b: 1\n c: 2\n").first().find("does not fit the lines above"),
            std::string::npos);
  EXPECT_NE(Read("a: \"x").first().find("never closed"), std::string::npos);
  EXPECT_NE(Read("a: [1, 2\nb: 3").first().find("never closed"), std::string::npos);
}

TEST(Yaml, RefusesWhatIsNotOneDocumentOfText) {
  EXPECT_EQ(Read("").first().substr(0, 4), "E001");
  EXPECT_EQ(Read("a: 1\n---\nb: 2\n").first().substr(0, 8), "E009 2:1");
  EXPECT_EQ(Read("\xEF\xBB\xBF"
                 "a: 1")
                .first()
                .substr(0, 8),
            "E007 1:1");
  EXPECT_EQ(Read("a: \xFF").first().substr(0, 8), "E007 1:4");
  EXPECT_EQ(Read("a: \xED\xA0\x80").first().substr(0, 8), "E007 1:4");
  EXPECT_EQ(Read(std::string("a: \0b", 5)).first().substr(0, 8), "E007 1:4");
  EXPECT_EQ(Read("[a]: 1").first().substr(0, 4), "E008");
}

TEST(Yaml, RefusesDeepNestingWithoutFallingOver) {
  for (const std::string& unit : {std::string("["), std::string("{a: "), std::string("- ")}) {
    std::string text = unit == "- " ? "" : "a: ";
    for (int i = 0; i < 100'000; ++i) text += unit;
    Read r(text);
    ASSERT_FALSE(r.found.all().empty());
    EXPECT_EQ(r.found.all()[0].code, "E007");
  }
}

TEST(Yaml, ReadsOrRefusesTheLargestFileWithinASecond) {
  const std::size_t size = Source::kBytesMax;
  for (const std::string& unit :
       {std::string("["), std::string("[]"), std::string("\""), std::string("x\n  "),
        std::string(":"), std::string("? "), std::string("&a "), std::string("- a\n")}) {
    std::string text;
    while (text.size() + unit.size() <= size) text += unit;
    const auto start = std::chrono::steady_clock::now();
    Read r(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << unit;
  }
  EXPECT_EQ(Read(std::string(size + 1, 'x')).first().substr(0, 4), "E007");
}

}  // namespace
}  // namespace weir::job
