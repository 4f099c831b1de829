// match_once: each rule of the contract by itself, and its memory.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/operator/operator_world.h"
#include <weir/detail/match_state.h>

namespace weir::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr MatchOptions kOptions{
    .within = Duration{100}, .delay = Duration{20}, .remember = Duration{400}};

struct Results final : MatchResults {
  std::vector<std::string> lines;
  void on_pair(std::string_view partner, Timestamp partner_time) override {
    lines.push_back("pair " + std::string(partner) + "@" + std::to_string(partner_time));
  }
  void on_lone(Unmatched reason, std::string_view key, std::string_view value,
               Timestamp time) override {
    const char* const words[] = {"no_right ", "no_left ", "second "};
    lines.push_back(words[static_cast<int>(reason)] + std::string(key) + ":" + std::string(value) +
                    "@" + std::to_string(time));
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }
};

class MatchStateTest : public OperatorWorld {
 protected:
  void SetUp() override { state_.open(store()); }

  static Arrival left(MatchState& state, Timestamp time, std::string_view value, Results& results) {
    return state.left(
        "k", time, [&](std::string& out) { out += value; }, results);
  }
  Arrival left(Timestamp time, std::string_view value) {
    return left(state_, time, value, results_);
  }
  static Arrival right(MatchState& state, std::string_view id, Timestamp time, Results& results) {
    return state.right(
        "k", id, time, [&](std::string& out) { out += id; }, results);
  }
  Arrival right(std::string_view id, Timestamp time) { return right(state_, id, time, results_); }

  MatchState state_{kOptions};
  Results results_;
};

TEST_F(MatchStateTest, PairsInEitherOrderUpToTheLimit) {
  EXPECT_EQ(left(1000, "l"), Arrival::waits);
  EXPECT_EQ(right("r", 1100), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair l@1000"));
}

TEST_F(MatchStateTest, ARightRecordWaitsForItsLeftOne) {
  EXPECT_EQ(right("r", 900), Arrival::waits);
  EXPECT_EQ(left(1000, "l"), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair r@900"));
}

TEST_F(MatchStateTest, TooFarApartBothWait) {
  EXPECT_EQ(left(1000, "l"), Arrival::waits);
  EXPECT_EQ(right("after", 1101), Arrival::waits);
  EXPECT_EQ(right("before", 899), Arrival::waits);
  EXPECT_THAT(results_.take(), IsEmpty());
}

TEST_F(MatchStateTest, TheFirstToComeIsThePartnerTheOthersAreSecond) {
  right("first", 1010);
  right("nearer", 1000);
  EXPECT_EQ(left(1000, "l"), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair first@1010", "second k:nearer@1000"));
  EXPECT_EQ(right("later", 1020), Arrival::second);
}

TEST_F(MatchStateTest, APairSendsAwayRightRecordsThatWaitedFarOff) {
  left(1000, "l");
  right("far", 1101);
  EXPECT_EQ(right("near", 1050), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair l@1000", "second k:far@1101"));
}

TEST_F(MatchStateTest, RepeatsAreDroppedBeforeAndAfterTheMatch) {
  left(1000, "l");
  EXPECT_EQ(left(1001, "again"), Arrival::repeated);
  right("r", 1000);
  EXPECT_EQ(right("r", 1001), Arrival::repeated);
  EXPECT_EQ(left(1001, "again"), Arrival::repeated);
  EXPECT_THAT(results_.take(), ElementsAre("pair l@1000"));
}

TEST_F(MatchStateTest, AWaitEndsWhenTimeIsPastLimitAndDelay) {
  left(1000, "l");
  state_.advance(1120, results_);
  EXPECT_THAT(results_.take(), IsEmpty());
  state_.advance(1121, results_);
  EXPECT_THAT(results_.take(), ElementsAre("no_right k:l@1000"));
  EXPECT_EQ(right("r", 1050), Arrival::waits);
  state_.advance(1171, results_);
  EXPECT_THAT(results_.take(), ElementsAre("no_left k:r@1050"));
}

TEST_F(MatchStateTest, WhatIsTooOldAtArrivalStillPairs) {
  left(1100, "l");
  state_.advance(1200, results_);
  EXPECT_EQ(right("r", 1050), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair l@1100"));
}

TEST_F(MatchStateTest, WhatIsTooOldAndFindsNobodyComesOutAtOnce) {
  state_.advance(2000, results_);
  EXPECT_EQ(left(1879, "l"), Arrival::too_old);
  EXPECT_EQ(left(1880, "again"), Arrival::repeated);
  EXPECT_EQ(right("r", 1700), Arrival::too_old);
  EXPECT_EQ(right("s", 1999), Arrival::waits);
}

TEST_F(MatchStateTest, KeysIdsAndMatchesAreForgottenAfterTheirTime) {
  left(1000, "l");
  right("r", 1040);
  results_.take();
  state_.advance(1400, results_);
  EXPECT_EQ(left(1390, "again"), Arrival::repeated);
  EXPECT_EQ(right("s", 1390), Arrival::second);
  state_.advance(1401, results_);
  EXPECT_EQ(right("r", 1400), Arrival::repeated);  // Its own time counts, not that of the pair.
  EXPECT_EQ(left(1390, "new"), Arrival::waits);
  state_.advance(1441, results_);
  EXPECT_EQ(right("r", 1440), Arrival::paired);
}

TEST_F(MatchStateTest, AMatchIsRememberedByTheTimeOfItsLeftRecord) {
  left(1000, "l");
  right("r", 1040);
  state_.advance(1420, results_);
  EXPECT_EQ(right("s", 1420), Arrival::waits);
}

TEST_F(MatchStateTest, SoItIsWhenTheRightRecordCameFirst) {
  right("r", 1000);
  left(1040, "l");
  state_.advance(1440, results_);
  EXPECT_EQ(right("s", 1440), Arrival::second);
  state_.advance(1441, results_);
  EXPECT_EQ(right("t", 1441), Arrival::waits);
}

TEST_F(MatchStateTest, RightRecordsComeOutBeforeLeftOnesAtOneTime) {
  state_.left(
      "b", 1000, [](std::string& out) { out += "l"; }, results_);
  state_.right(
      "c", "r", 1000, [](std::string& out) { out += "r"; }, results_);
  state_.left(
      "a", 1000, [](std::string& out) { out += "l"; }, results_);
  state_.advance(kEndOfTime, results_);
  EXPECT_THAT(results_.take(),
              ElementsAre("no_left c:r@1000", "no_right a:l@1000", "no_right b:l@1000"));
}

TEST_F(MatchStateTest, GoesOnAfterARestart) {
  left(1000, "l");
  state_.advance(1000, results_);
  state_.write_back();
  commit();
  right("lost", 1000);
  reopen();
  MatchState again(kOptions);
  again.open(store());
  EXPECT_EQ(again.now(), 1000);
  results_.take();
  EXPECT_EQ(left(again, 1001, "again", results_), Arrival::repeated);
  EXPECT_EQ(right(again, "r", 1000, results_), Arrival::paired);
  EXPECT_THAT(results_.take(), ElementsAre("pair l@1000"));
}

TEST_F(MatchStateTest, NothingStaysWhenAllIsForgotten) {
  left(1000, "l");
  right("r", 1040);
  state_.write_back();
  commit();
  EXPECT_GE(rows(), 1u);
  state_.advance(3000, results_);
  state_.write_back();
  commit();
  EXPECT_EQ(rows(), 1u);  // The stage's time alone.
}

TEST_F(MatchStateTest, ForgetsWhatAnAbortTakesBack) {
  left(1000, "l");
  state_.forget();
  EXPECT_EQ(left(1000, "l"), Arrival::waits);
}

}  // namespace
}  // namespace weir::detail
