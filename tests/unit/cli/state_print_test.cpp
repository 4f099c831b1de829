#include "cli/state_print.h"

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

using ::testing::HasSubstr;

TEST(StatePrint, ListsStoresAndHowFullTheDisksAre) {
  const std::vector<StoreLine> stores{
      {"a.dedupe", "dedupe", "1_0", 0, 86'400, 4'100'000, 1'764'000'000'000}};
  const std::vector<DiskLine> disks{{"1_0", 5'000'000, 100'000'000}, {"1_1", 0, 0}};
  const std::string text = state_text(stores, disks);
  EXPECT_THAT(text, HasSubstr("a.dedupe  dedupe  1_0    86,400  4.1 MB  2025-11-24T16:00:00\n"));
  EXPECT_EQ(state_text(stores, disks, 60), text);
  EXPECT_THAT(state_text(stores, disks, 59),
              HasSubstr("a.dedupe  1_0    86,400  4.1 MB  2025-11-24T16:00:00\n"));
  EXPECT_THAT(text, HasSubstr("1_0   5.0 MB  100.0 MB  5.0 %\n"));
  const std::string json = state_json("shop", stores, disks);
  EXPECT_THAT(json, HasSubstr(R"("entries":86400,"bytes":4100000,"time":"2025-11-24T16:00:00Z")"));
  EXPECT_THAT(json, HasSubstr(R"("bytes_mapped":100000000,"used_ratio":0.05)"));
}

TEST(StatePrint, ARowIsALine) {
  const char* const members =
      R"("key":"ann","window_start":"16:00","window_end":"16:01","newest":"16:00","value":{"n":1})";
  EXPECT_EQ(row_text(3, members), R"(3  ann  16:00 to 16:01  newest 16:00  {"n":1})");
  EXPECT_THAT(row_json("s", 3, members), HasSubstr(R"({"store":"s","partition":3,"key":"ann")"));
}

}  // namespace
}  // namespace weir::cli
