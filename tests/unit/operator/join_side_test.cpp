// One side of an interval join: what it finds, what comes out of it alone, what it drops.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/operator/operator_world.h"
#include <weir/detail/join_side.h>

namespace weir::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Rows come out after 20, and may find a partner for 30; they lie in buckets of 8.
constexpr JoinSide::Options kSide{
    .left = true, .comes_out = true, .wait_ms = 20, .keep_ms = 30, .bucket_ms = 8};

class JoinSideTest : public OperatorWorld {
 protected:
  void SetUp() override { side_.open(store()); }

  void add(JoinSide& side, std::string_view key, Timestamp time, std::string_view value,
           bool matched = false, Timestamp observed = kNoTime) {
    side.add(key, time, observed, matched, [&](std::string& out) { out += value; });
  }
  std::vector<std::string> near(JoinSide& side, std::string_view key, Timestamp from,
                                Timestamp to) {
    std::vector<std::string> found;
    for (const JoinRow& row : side.near(key, from, to)) {
      found.push_back(std::string(row.value) + "@" + std::to_string(row.time));
    }
    return found;
  }
  // What comes out at a time, as the stage does it.
  std::vector<std::string> reach(JoinSide& side, Timestamp now) {
    std::vector<std::string> out;
    if (!side.has_due(now)) return out;
    std::vector<Waiting> due;
    side.due(now, due);
    for (const Waiting& waiting : due) {
      side.take(waiting, [&](std::string_view value) { out.emplace_back(value); });
    }
    side.drop(now);
    return out;
  }

  JoinSide side_{kSide};
};

TEST_F(JoinSideTest, FindsRowsOfAKeyByTimeThenAsTheyCame) {
  add(side_, "k", 30, "c");
  add(side_, "k", 10, "a");
  add(side_, "k", 12, "b");
  add(side_, "k", 10, "a2");
  add(side_, "other", 11, "x");
  EXPECT_THAT(near(side_, "k", 10, 30), ElementsAre("a@10", "a2@10", "b@12", "c@30"));
  EXPECT_THAT(near(side_, "k", 11, 29), ElementsAre("b@12"));
  EXPECT_THAT(near(side_, "k", 13, 29), IsEmpty());
  EXPECT_THAT(near(side_, "none", 0, 100), IsEmpty());
}

TEST_F(JoinSideTest, ARowIsDueWhenTimeIsPastItsWait) {
  add(side_, "k", 10, "a");
  EXPECT_THAT(reach(side_, 30), IsEmpty());
  EXPECT_THAT(reach(side_, 31), ElementsAre("a"));
  EXPECT_THAT(reach(side_, 32), IsEmpty());
}

TEST_F(JoinSideTest, ARowWithAPartnerDoesNotComeOut) {
  add(side_, "k", 10, "matched", true);
  add(side_, "k", 10, "open");
  add(side_, "k", 11, "closed");
  const std::vector<JoinRow> rows = side_.near("k", 11, 11);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].open);
  side_.close("k", rows[0]);
  EXPECT_THAT(reach(side_, 100), ElementsAre("open"));
}

TEST_F(JoinSideTest, WhatComesBehindABucketThatWasOpenedStillComesOut) {
  add(side_, "k", 8, "first");
  EXPECT_THAT(reach(side_, 29), ElementsAre("first"));
  add(side_, "k", 10, "second");
  EXPECT_THAT(reach(side_, 30), IsEmpty());
  EXPECT_THAT(reach(side_, 31), ElementsAre("second"));
}

TEST_F(JoinSideTest, AnInnerSideKeepsRowsAndShowsNone) {
  JoinSide::Options inner = kSide;
  inner.comes_out = false;
  JoinSide side(inner);
  side.open(store());
  add(side, "k", 10, "a");
  EXPECT_FALSE(side.near("k", 10, 10)[0].open);
  EXPECT_THAT(reach(side, 40), IsEmpty());
  EXPECT_THAT(near(side, "k", 0, 40), ElementsAre("a@10"));
}

TEST_F(JoinSideTest, ABucketIsDroppedWhenNoRowOfItCanFindAPartner) {
  add(side_, "k", 8, "a", true);
  EXPECT_THAT(reach(side_, 45), IsEmpty());  // 15, the newest the bucket can have, is kept to 45.
  EXPECT_THAT(near(side_, "k", 0, 20), ElementsAre("a@8"));
  EXPECT_THAT(reach(side_, 46), IsEmpty());
  EXPECT_THAT(near(side_, "k", 0, 20), IsEmpty());
}

TEST_F(JoinSideTest, SaysWhoIsLateByTheTimeOfTheirPartition) {
  EXPECT_FALSE(side_.is_late(10, kNoTime));
  EXPECT_FALSE(side_.is_late(10, 30));
  EXPECT_TRUE(side_.is_late(10, 31));
  EXPECT_TRUE(side_.in_time_for(10, 30));
  EXPECT_FALSE(side_.in_time_for(10, 31));
}

TEST_F(JoinSideTest, KeepsWhatItsPartitionHadReachedBeforeARow) {
  add(side_, "k", 10, "ahead", false, 15);
  add(side_, "k", 11, "behind", false, 3);
  const std::vector<JoinRow>& rows = side_.near("k", 10, 11);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].observed, 15);
  EXPECT_EQ(rows[1].observed, 11);  // Less than its own time says nothing about it.
}

TEST_F(JoinSideTest, GoesOnAfterARestart) {
  add(side_, "k", 10, "open");
  add(side_, "k", 11, "matched", true);
  side_.write_back();
  commit();
  add(side_, "k", 12, "lost");
  reopen();
  JoinSide again(kSide);
  again.open(store());
  EXPECT_THAT(near(again, "k", 0, 20), ElementsAre("open@10", "matched@11"));
  EXPECT_THAT(reach(again, 100), ElementsAre("open"));
  again.write_back();
  commit();
  EXPECT_EQ(rows(), 0u);
}

TEST_F(JoinSideTest, ForgetsWhatAnAbortTakesBack) {
  add(side_, "k", 10, "kept");
  side_.write_back();
  commit();
  EXPECT_THAT(reach(side_, 31), ElementsAre("kept"));
  add(side_, "k", 20, "lost");
  side_.forget();
  EXPECT_THAT(reach(side_, 50), ElementsAre("kept"));
}

}  // namespace
}  // namespace weir::detail
