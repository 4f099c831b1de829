#include "test/compare.h"

#include <gtest/gtest.h>

namespace weir::test {
namespace {

// The first record that the first step of a file with this record expects.
ExpectedRecord expected(const std::string& record) {
  const job::Source source(
      "t.yaml",
      "weir: 1\ntest: j.yaml\nepoch: 2025-03-01T10:00:00Z\ncases:\n  - name: c\n    steps:\n"
      "      - expect: out\n        records:\n          - " +
          record + "\n");
  job::Diagnostics found(source);
  const auto file = read_test(found);
  EXPECT_TRUE(file) << record;
  return file ? file->cases[0].steps[0].expected[0] : ExpectedRecord{};
}

constexpr Timestamp kEpoch = 1'740'823'200'000;

bool fits(const std::string& record, const std::string& value, bool all_fields = true) {
  return are_same(compare(expected(record), {"k", value, 5'000}, all_fields, kEpoch));
}

TEST(Compare, NumbersAreTheSameWhenTheirValuesAre) {
  EXPECT_TRUE(fits("{a: 40}", R"({"a":40.00})"));
  EXPECT_TRUE(fits("{a: 4e1}", R"({"a":40})"));
  EXPECT_FALSE(fits("{a: 40.01}", R"({"a":40.00})"));
  EXPECT_FALSE(fits("{a: '40'}", R"({"a":40})"));
}

TEST(Compare, TextsAreTheSameWhateverTheirEscapes) {
  EXPECT_TRUE(fits("{a: 'x/y'}", R"({"a":"x\/y"})"));
  EXPECT_FALSE(fits("{a: x}", R"({"a":"y"})"));
  EXPECT_TRUE(fits("{a: null}", R"({"a":null})"));
  EXPECT_FALSE(fits("{a: 'null'}", R"({"a":null})"));
}

TEST(Compare, TimesCountFromTheEpoch) {
  EXPECT_TRUE(fits("{a: '@15s'}", R"({"a":"2025-03-01T10:00:15Z"})"));
  EXPECT_TRUE(fits("{a: '@-1ms'}", R"({"a":"2025-03-01T09:59:59.999Z"})"));
}

TEST(Compare, LooksIntoListsAndMaps) {
  EXPECT_TRUE(fits("{a: [1, {b: 2}]}", R"({"a":[1,{"b":2}]})"));
  EXPECT_FALSE(fits("{a: [1]}", R"({"a":[1,2]})"));
  EXPECT_FALSE(fits("{a: [1, 2]}", R"({"a":[1]})"));
  EXPECT_FALSE(fits("{a: {b: 2}}", R"({"a":{"b":2,"c":3}})"));
  EXPECT_TRUE(fits("{a: {b: 2}}", R"({"a":{"b":2,"c":3}})", false));
}

TEST(Compare, FieldsThatNobodyExpectsCountOnlyWhenAllDo) {
  EXPECT_FALSE(fits("{a: 1}", R"({"a":1,"b":2})"));
  EXPECT_TRUE(fits("{a: 1}", R"({"a":1,"b":2})", false));
  EXPECT_FALSE(fits("{a: 1, b: 2}", R"({"a":1})", false));
}

TEST(Compare, KeyTimeAndBytesCountWhereTheyAreSaid) {
  EXPECT_TRUE(fits(R"({key: k, at: 5s, raw: '{"a":1}'})", R"({"a":1})"));
  EXPECT_FALSE(fits(R"({key: other, raw: '{"a":1}'})", R"({"a":1})"));
  EXPECT_FALSE(fits(R"({at: 6s, raw: '{"a":1}'})", R"({"a":1})"));
  EXPECT_FALSE(fits(R"({raw: '{"a":1}'})", R"({"a": 1})"));
}

}  // namespace
}  // namespace weir::test
