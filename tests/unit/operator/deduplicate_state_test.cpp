// When an id is a repeat: near enough, and still remembered.
#include <gtest/gtest.h>

#include "unit/operator/operator_world.h"
#include <weir/detail/deduplicate_state.h>

namespace weir::detail {
namespace {

class DeduplicateStateTest : public OperatorWorld {
 protected:
  void SetUp() override { state_.open(store()); }
  DeduplicateState state_{Duration{10}};
};

TEST_F(DeduplicateStateTest, ARepeatIsAtMostSoFarAwayInEitherDirection) {
  EXPECT_FALSE(state_.is_repeat("a", 100));
  EXPECT_TRUE(state_.is_repeat("a", 100));
  EXPECT_TRUE(state_.is_repeat("a", 110));
  EXPECT_TRUE(state_.is_repeat("a", 90));
  EXPECT_FALSE(state_.is_repeat("a", 111));
  EXPECT_FALSE(state_.is_repeat("a", 89));
  EXPECT_FALSE(state_.is_repeat("b", 100));
}

TEST_F(DeduplicateStateTest, ARepeatDoesNotProlongTheMemory) {
  EXPECT_FALSE(state_.is_repeat("a", 100));
  EXPECT_TRUE(state_.is_repeat("a", 110));
  EXPECT_FALSE(state_.is_repeat("a", 112));
}

TEST_F(DeduplicateStateTest, AnIdIsForgottenWhenTimeIsPastItsLimit) {
  EXPECT_FALSE(state_.is_repeat("a", 100));
  state_.advance(110);
  EXPECT_TRUE(state_.is_repeat("a", 105));
  state_.advance(111);
  EXPECT_FALSE(state_.is_repeat("a", 105));
}

TEST_F(DeduplicateStateTest, WhatIsTooOldToBeRememberedIsNotKept) {
  state_.advance(1000);
  EXPECT_FALSE(state_.is_repeat("a", 5));
  EXPECT_FALSE(state_.is_repeat("a", 5));
  state_.write_back();
  commit();
  EXPECT_EQ(rows(), 1u);  // The stage's time alone.
}

TEST_F(DeduplicateStateTest, RowsGoWhenTimeIsPastAllInThem) {
  for (Timestamp time = 0; time < 100; time += 5)
    state_.is_repeat("a" + std::to_string(time), time);
  state_.write_back();
  commit();
  EXPECT_EQ(rows(), 20u);
  state_.advance(200);
  state_.write_back();
  commit();
  EXPECT_EQ(rows(), 1u);
}

TEST_F(DeduplicateStateTest, RemembersOverARestartWhatWasCommitted) {
  EXPECT_FALSE(state_.is_repeat("kept", 100));
  state_.advance(104);
  state_.write_back();
  commit();
  EXPECT_FALSE(state_.is_repeat("lost", 100));
  reopen();
  DeduplicateState again(Duration{10});
  again.open(store());
  EXPECT_TRUE(again.is_repeat("kept", 104));
  EXPECT_FALSE(again.is_repeat("lost", 104));
}

TEST_F(DeduplicateStateTest, ForgetsWhatAnAbortTakesBack) {
  EXPECT_FALSE(state_.is_repeat("a", 100));
  state_.forget();
  EXPECT_FALSE(state_.is_repeat("a", 100));
}

TEST_F(DeduplicateStateTest, TheEndOfTimeOverflowsNowhere) {
  EXPECT_FALSE(state_.is_repeat("a", kEndOfTime - 1));
  EXPECT_TRUE(state_.is_repeat("a", kEndOfTime - 1));
  state_.advance(kEndOfTime);
  EXPECT_FALSE(state_.is_repeat("b", 0));
}

}  // namespace
}  // namespace weir::detail
