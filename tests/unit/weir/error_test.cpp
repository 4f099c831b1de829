#include <memory>

#include <gtest/gtest.h>

#include <weir/error.h>

namespace weir {
namespace {

TEST(Error, SaysWhereAndWhatToDo) {
  EXPECT_EQ((Error{"bad number", "", Error::kNowhere}.to_string()), "bad number");
  EXPECT_EQ((Error{"bad number", "", 0}.to_string()), "bad number at byte 0");
  EXPECT_EQ((Error{"bad number", "drop the comma", 7}.to_string()),
            "bad number at byte 7 (drop the comma)");
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> five = 5;
  ASSERT_TRUE(five);
  EXPECT_EQ(*five, 5);
  Result<int> none = Error{"no number"};
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().text, "no number");
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> owner = std::make_unique<int>(5);
  std::unique_ptr<int> taken = *std::move(owner);
  EXPECT_EQ(*taken, 5);
}

TEST(Status, IsSuccessUnlessAnErrorWasGiven) {
  EXPECT_TRUE(Status());
  Status failed = Error{"full"};
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().text, "full");
}

TEST(Check, EndsTheProcessWithThePlaceAndTheReason) {
  check(true, "never seen");
  EXPECT_DEATH(check(false, "ports must be wired"),
               "weir: .*error_test.cpp:[0-9]+: ports must be wired");
}

}  // namespace
}  // namespace weir
