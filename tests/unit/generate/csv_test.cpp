#include "generate/csv.h"

#include <gmock/gmock.h>

namespace weir::generate::csv_test {
namespace {

using ::testing::ElementsAre;
using Row = std::vector<std::string>;

std::vector<Row> rows(std::string_view text) {
  CsvReader reader(text);
  std::vector<Row> all;
  for (Row row; reader.next(row);) all.push_back(row);
  return all;
}

TEST(Csv, ReadsQuotedFields) {
  EXPECT_THAT(rows("a,\"b,\"\"c\"\"\nd\",e\n"), ElementsAre(Row{"a", "b,\"c\"\nd", "e"}));
}

TEST(Csv, TakesAnyLineEndAndNone) {
  EXPECT_THAT(rows("a,b\r\nc,d\n\n\r\ne,"),
              ElementsAre(Row{"a", "b"}, Row{"c", "d"}, Row{"e", ""}));
  EXPECT_THAT(rows(""), ElementsAre());
  EXPECT_THAT(rows("\"open"), ElementsAre(Row{"open"}));
}

TEST(Csv, PassesOverAByteOrderMark) {
  EXPECT_THAT(rows("\xEF\xBB\xBFid\n"), ElementsAre(Row{"id"}));
}

TEST(Csv, KnowsTheLineOfARow) {
  CsvReader reader("a\n\"b\nc\"\nd\n");
  Row row;
  std::vector<std::size_t> lines;
  while (reader.next(row)) lines.push_back(reader.line());
  EXPECT_THAT(lines, ElementsAre(1, 2, 4));
}

TEST(Csv, OnlyWhatJsonCallsANumberIsOne) {
  const Row names{"v"};
  const auto value = [&](const std::string& text) { return *json_of_row(names, {text}); };
  for (const char* number : {"0", "-1", "1.50", "1e5", "2E-3", "10"}) {
    EXPECT_EQ(value(number), "{\"v\":" + std::string(number) + "}");
  }
  for (const char* text : {"007", "1.", ".5", "+1", "1e", "0x1", "NaN", "-", "1 "}) {
    EXPECT_EQ(value(text), "{\"v\":\"" + std::string(text) + "\"}");
  }
  EXPECT_EQ(value("TRUE"), "{\"v\":true}");
  EXPECT_EQ(value(""), "{\"v\":null}");
}

TEST(Csv, RefusesRowsOfAnotherLength) {
  EXPECT_FALSE(json_of_row({"a", "b"}, {"1"}));
  EXPECT_FALSE(json_of_row({"a"}, {"1", "2"}));
}

}  // namespace
}  // namespace weir::generate::csv_test
