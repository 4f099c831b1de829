#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/diagnostic_print.h"
#include "test/test_file.h"
#include "test/test_language.h"

namespace weir::test {
namespace {

using testing::HasSubstr;

std::string said(const std::string& text) {
  const job::Source source("t.yaml", text);
  job::Diagnostics found(source);
  const bool read = read_test(found).has_value();
  EXPECT_EQ(read, !found.has_errors());
  return job::print_plain(found.all());
}

std::string with_step(const std::string& step) {
  return "weir: 1\ntest: j.yaml\ncases:\n  - name: c\n    steps:\n      - " + step + "\n";
}

TEST(ReadTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(said("weir: 1\n"), HasSubstr("needs 'test'"));
  EXPECT_THAT(said("weir: 2\ntest: x\ncases:\n  - {name: a, steps: [drain: true]}\n"),
              HasSubstr("'weir' is 1"));
  EXPECT_THAT(said(with_step("crash: sometimes")), HasSubstr("t.yaml:6:16: error[E104]"));
  EXPECT_THAT(said(with_step("advance: soon")), HasSubstr("a duration"));
  EXPECT_THAT(said(with_step("advance: -1s")), HasSubstr("does not go back"));
  EXPECT_THAT(said(with_step("send: in")), HasSubstr("needs a list of 'records'"));
  EXPECT_THAT(said(with_step("{send: in, expect: out, records: []}")), HasSubstr("is a second"));
  EXPECT_THAT(said(with_step("{match: exact}")), HasSubstr("does nothing"));
  EXPECT_THAT(said(with_step("{drain: true, records: []}")), HasSubstr("does not belong"));
  EXPECT_THAT(said(with_step("{send: in, records: [{att: 1s}]}")), HasSubstr("did you mean 'at'?"));
}

TEST(ReadTest, TakesHugeNumbersForWhatTheyAre) {
  EXPECT_THAT(said(with_step("advance: 99999999999999999999s")), HasSubstr("a duration"));
  EXPECT_THAT(said(with_step("{send: in, records: [{times: 1000001}]}")), HasSubstr("at most"));
}

TEST(ReadTest, TurnsYamlIntoJson) {
  const job::Source source("t.yaml", "{a: 1.50, b: '1', c: null, d: true, e: [x, 007], f: '@1m'}");
  job::Diagnostics found(source);
  const auto tree = job::read_yaml(found);
  ASSERT_TRUE(tree);
  EXPECT_EQ(json_of(*tree, 0),
            R"({"a":1.50,"b":"1","c":null,"d":true,"e":["x","007"],"f":"1970-01-01T00:01:00Z"})");
}

TEST(ReadTest, EveryWordIsInTheSchema) {
  const std::string schema = test_schema();
  for (const TestKey& key : file_language().keys) {
    EXPECT_THAT(schema, HasSubstr("\"" + std::string(key.name) + "\": {"));
  }
}

}  // namespace
}  // namespace weir::test
