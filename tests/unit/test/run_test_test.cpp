#include "test/run_test.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/diagnostic_print.h"
#include "test/report.h"

namespace weir::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kJob =
    "weir: 1\njob: small\nkafka:\n  brokers: localhost:9092\nerrors:\n  dlq: dead\n"
    "streams:\n  ins:\n    topic: topic-in\n    fields: {id: string, n: int or null}\n"
    "pipelines:\n  kept:\n    from: ins\n    steps:\n      - filter: n > 1\n"
    "    to: {topic: out, key: id}\n";

class RunTest : public testing::Test {
 protected:
  RunTest() : folder_(fs::path(testing::TempDir()) / fs::path("weir-run-test")) {
    fs::create_directories(folder_);
    write("job.yaml", kJob);
  }
  ~RunTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  static std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  FileResult run(const std::string& steps, const TestOptions& options = {}) {
    path_ = write("some.test.yaml",
                  "weir: 1\ntest: job.yaml\nepoch: 2025-03-01T10:00:00Z\ncases:\n"
                  "  - name: a case\n    steps:\n" +
                      steps);
    return run_test_file(path_, options);
  }

  const fs::path folder_;
  std::string path_;
};

constexpr const char* kSend =
    "      - send: ins\n        records:\n          - {at: 1s, value: {id: a, n: 2}}\n";

TEST_F(RunTest, PassesWhenWhatComesOutIsExpected) {
  const FileResult result = run(std::string(kSend) +
                                "      - expect: out\n        records:\n"
                                "          - {key: a, at: 1s, value: {id: a, n: 2}}\n");
  EXPECT_TRUE(result.passed()) << print_text(std::vector{result});
  ASSERT_EQ(result.cases.size(), 1U);
}

TEST_F(RunTest, ShowsTheFirstDifferenceWithItsLine) {
  const FileResult result = run(std::string(kSend) +
                                "      - expect: out\n        records:\n"
                                "          - {id: a, n: 3}\n");
  ASSERT_FALSE(result.passed());
  ASSERT_EQ(result.cases.size(), 1U);
  EXPECT_EQ(result.cases[0].failure->line, 12);
  const std::string text = print_text(std::vector{result});
  EXPECT_THAT(text, HasSubstr(path_ + ":12: FAILED: a case"));
  EXPECT_THAT(text, HasSubstr("! n"));
  EXPECT_THAT(text, HasSubstr("1 case in 1 file: 0 passed, 1 failed"));
}

TEST_F(RunTest, FailsWhenMoreComesOutThanExpected) {
  EXPECT_FALSE(run(std::string(kSend) + "      - expect: out\n        records: []\n").passed());
  EXPECT_FALSE(run(std::string(kSend) +
                   "      - expect: out\n        match: contains\n        records: []\n")
                   .passed());
}

TEST_F(RunTest, ExactWantsAllFieldsAndContainsOnlyThoseNamed) {
  const std::string expect = "      - expect: out\n        records:\n          - {id: a}\n";
  EXPECT_FALSE(run(kSend + expect).passed());
  EXPECT_TRUE(run(std::string(kSend) +
                  "      - expect: out\n        match: contains\n        records:\n"
                  "          - {id: a}\n")
                  .passed());
}

TEST_F(RunTest, KnowsSinksByPipelineAndDeadLettersByReason) {
  const FileResult result =
      run("      - send: ins\n        records:\n          - {at: 0s, key: k, raw: 'x'}\n"
          "          - {at: 0s, value: {id: b, n: 5}}\n"
          "      - expect: kept\n        match: contains\n        records:\n          - {n: 5}\n"
          "      - expect: dlq\n        records:\n"
          "          - {key: k, value: {reason: decode, stream: ins, value: x}}\n"
          "      - discarded: {decode: 1, late: 0}\n");
  EXPECT_TRUE(result.passed()) << print_text(std::vector{result});
}

TEST_F(RunTest, CountsAreCompared) {
  const FileResult result = run(std::string(kSend) + "      - discarded: {decode: 1}\n");
  ASSERT_FALSE(result.passed());
  EXPECT_EQ(result.cases[0].failure->line, 10);
}

TEST_F(RunTest, SaysWhatNobodyIsCalled) {
  EXPECT_THAT(print_text(std::vector{
                  run("      - send: inss\n        records:\n          - {value: {id: a}}\n")}),
              HasSubstr("no stream 'inss': did you mean 'ins'?"));
  EXPECT_THAT(print_text(std::vector{run("      - expect: nowhere\n        records: []\n")}),
              HasSubstr("nothing is called 'nowhere'"));
}

TEST_F(RunTest, SaysWhenAPartitionIsMissing) {
  EXPECT_FALSE(
      run("      - send: ins\n        records:\n          - {partition: 1, value: {id: a}}\n")
          .passed());
}

TEST_F(RunTest, SurvivesCrashesAndRebalances) {
  const FileResult result = run(std::string(kSend) +
                                "      - crash: before_commit\n      - advance: 1s\n"
                                "      - rebalance: 2\n      - rebalance: 1\n"
                                "      - crash: during_restore\n      - advance: 1s\n"
                                "      - expect: out\n        records:\n"
                                "          - {id: a, n: 2}\n");
  EXPECT_TRUE(result.passed()) << print_text(std::vector{result});
}

TEST_F(RunTest, AFilterLeavesCasesOut) {
  EXPECT_TRUE(run("      - expect: nowhere\n        records: []\n", {.filter = "other"}).passed());
}

TEST_F(RunTest, UpdateWritesWhatCameOut) {
  const std::string wrong = std::string(kSend) +
                            "      - expect: out\n        records:\n          - {id: a, n: 3}\n"
                            "      - expect: out\n        records: []\n" +
                            kSend + "      - expect: out\n        records: []   # a remark\n";
  EXPECT_EQ(run(wrong, {.update = true}).updated, 2);
  const FileResult again = run_test_file(path_, {});
  EXPECT_TRUE(again.passed()) << contents(path_) << print_text(std::vector{again});
  EXPECT_THAT(contents(path_), HasSubstr("- {key: 'a', raw: '{\"id\":\"a\",\"n\":2}'}"));
}

TEST_F(RunTest, ABrokenTestFileSaysWhere) {
  const FileResult result = run("      - sent: ins\n");
  EXPECT_FALSE(result.passed());
  EXPECT_THAT(print_text(std::vector{result}), HasSubstr("some.test.yaml:7:9: error[E101]"));
}

TEST_F(RunTest, ABrokenJobSaysWhere) {
  write("job.yaml", "weir: 1\njob: small\n");
  EXPECT_THAT(print_text(std::vector{run(kSend)}), HasSubstr("job.yaml:"));
  fs::remove(folder_ / "job.yaml");
  EXPECT_THAT(print_text(std::vector{run(kSend)}), HasSubstr("could not run"));
}

TEST_F(RunTest, ReportsForMachines) {
  const std::vector<FileResult> results{
      run(std::string(kSend) + "      - expect: out\n        records:\n          - {id: '<&'}\n")};
  EXPECT_THAT(print_junit(results), HasSubstr("<testsuite name=\"" + path_ +
                                              "\" tests=\"1\" failures=\"1\" errors=\"0\">"));
  EXPECT_THAT(print_junit(results), HasSubstr("&lt;&amp;"));
  EXPECT_THAT(print_json(results), HasSubstr("\"name\":\"a case\",\"passed\":false"));
}

// Every shipped job does what its test file says.
class ShippedTests : public testing::TestWithParam<std::string> {};

TEST_P(ShippedTests, Pass) {
  const FileResult result =
      run_test_file(std::string(WEIR_SOURCE_DIR) + "/jobs/tests/" + GetParam(), {});
  EXPECT_TRUE(result.passed()) << print_text(std::vector{result});
  EXPECT_FALSE(result.cases.empty());
}

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(std::string(WEIR_SOURCE_DIR) + "/jobs/tests")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Jobs, ShippedTests, testing::ValuesIn(shipped()), [](const auto& name) {
  std::string word = name.param.substr(0, name.param.find('.'));
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
});

}  // namespace
}  // namespace weir::test
