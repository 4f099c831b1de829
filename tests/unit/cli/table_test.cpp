#include "cli/table.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

TEST(Table, ColumnsLineUp) {
  Table table({{"STEP"}, {"IN/s", true}, {"REASON"}});
  table.add({"orders", "12", "late"});
  table.add({"ü", "3", ""});
  EXPECT_EQ(table.text(),
            "STEP    IN/s  REASON\n"
            "orders    12  late\n"
            "ü          3  \n");
}

TEST(Table, NamesAloneAreATableToo) {
  const Table table({{"STEP"}, {"IN/s", true}});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.text(), "STEP  IN/s\n");
  EXPECT_EQ(table.text("1"), "\033[1mSTEP  IN/s\033[0m\n");
}

}  // namespace
}  // namespace weir::cli
