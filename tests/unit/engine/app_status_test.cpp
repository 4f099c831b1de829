#include <gtest/gtest.h>

#include <weir/app_status.h>

namespace weir {
namespace {

TEST(AppStatus, IsSuccessByItself) {
  const AppStatus fine;
  EXPECT_TRUE(fine);
  EXPECT_EQ(fine.code(), 0);
}

// The numbers are those of sysexits.h, and part of the command line's contract.
TEST(AppStatus, EndsAProcessWithTheCodeOfItsKind) {
  const auto code = [](AppFault fault) { return AppStatus(fault, Error{"why"}).code(); };
  EXPECT_EQ(code(AppFault::stopped_by_record), 1);
  EXPECT_EQ(code(AppFault::too_many_letters), 65);
  EXPECT_EQ(code(AppFault::unreachable), 69);
  EXPECT_EQ(code(AppFault::internal), 70);
  EXPECT_EQ(code(AppFault::cannot_create), 73);
  EXPECT_EQ(code(AppFault::state_io), 74);
  EXPECT_EQ(code(AppFault::try_again), 75);
  EXPECT_EQ(code(AppFault::not_allowed), 77);
  EXPECT_EQ(code(AppFault::mismatch), 78);
}

TEST(AppStatus, SaysWhatWentWrong) {
  const AppStatus wrong(AppFault::mismatch, Error{"it does not fit", "make it fit"});
  EXPECT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text, "it does not fit");
  EXPECT_STREQ(to_string(wrong.fault()), "does not fit");
}

}  // namespace
}  // namespace weir
