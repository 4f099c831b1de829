#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/detail/row_bytes.h>

namespace weir::detail {
namespace {

TEST(RowBytes, StartsEmptyAndHoldsNoMemoryOutside) {
  const RowBytes row{};
  EXPECT_TRUE(row.empty());
  EXPECT_EQ(row.memory(), 0U);
}

TEST(RowBytes, KeepsShortBytesInside) {
  const RowBytes row(std::string(48, 'x'));
  EXPECT_EQ(row.view(), std::string(48, 'x'));
  EXPECT_EQ(row.memory(), 0U);
}

TEST(RowBytes, GrowsBeyondItsPlace) {
  RowBytes row("start");
  std::string model = "start";
  for (int i = 0; i < 500; ++i) {
    const std::string more(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    row.append(more);
    model += more;
    ASSERT_EQ(row.view(), model);
  }
  EXPECT_GE(row.memory(), model.size());
}

TEST(RowBytes, GivesItsBlockBackWhenItGetsShort) {
  RowBytes row(std::string(1000, 'l'));
  EXPECT_GT(row.memory(), 0U);
  row.assign("short");
  EXPECT_EQ(row.view(), "short");
  EXPECT_EQ(row.memory(), 0U);
}

TEST(RowBytes, MovesItsBytesAlong) {
  for (const std::size_t size :
       {std::size_t{3}, std::size_t{48}, std::size_t{49}, std::size_t{5000}}) {
    RowBytes first(std::string(size, 'm'));
    RowBytes second(std::move(first));
    EXPECT_EQ(second.view(), std::string(size, 'm'));
    RowBytes third(std::string(100, 'o'));
    third = std::move(second);
    EXPECT_EQ(third.view(), std::string(size, 'm'));
    RowBytes& itself = third;
    third = std::move(itself);
    EXPECT_EQ(third.view(), std::string(size, 'm'));
  }
}

TEST(RowBytes, IsReadWholeFromAStore) {
  RowBytes row;
  std::string out = "before ";
  RowBytes(std::string(60, 'w')).write(out);
  std::string_view in = std::string_view(out).substr(7);
  EXPECT_TRUE(row.read(in));
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(row.view(), std::string(60, 'w'));
}

TEST(RowBytes, ManyRowsOfAnySizeKeepTheirOwnBytes) {
  std::mt19937 random(3);
  std::vector<RowBytes> rows(200);
  std::vector<std::string> model(200);
  for (int i = 0; i < 50'000; ++i) {
    const std::size_t at = random() % rows.size();
    if (random() % 3 == 0) {
      model[at].assign(random() % 300, static_cast<char>('a' + i % 26));
      rows[at].assign(model[at]);
    } else if (model[at].size() < 4000) {
      const std::string more(random() % 90, static_cast<char>('A' + i % 26));
      model[at] += more;
      rows[at].append(more);
    }
    ASSERT_EQ(rows[at].view(), model[at]);
  }
  for (std::size_t at = 0; at < rows.size(); ++at) ASSERT_EQ(rows[at].view(), model[at]);
}

}  // namespace
}  // namespace weir::detail
