#include <gtest/gtest.h>

#include "unit/json/reader_cases.h"

namespace weir {
namespace {

class MatchSse2 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cases::can(kSpeed)) GTEST_SKIP() << "not on this processor";
  }
  static constexpr JsonSpeed kSpeed = JsonSpeed::kSse2;
};

TEST_F(MatchSse2, SameAsReferenceOnEveryMutation) {
  cases::same_as_reference_on_every_mutation(kSpeed);
}
TEST_F(MatchSse2, SameAsReferenceOnRandomRecords) {
  cases::same_as_reference_on_random_records(kSpeed);
}
TEST_F(MatchSse2, ReadsNothingPastTheEnd) { cases::reads_nothing_past_the_end(kSpeed); }
TEST_F(MatchSse2, KnowsAShapeWhenItComesAgain) { cases::knows_a_shape_when_it_comes_again(kSpeed); }
TEST_F(MatchSse2, TakesValuesOfEveryLength) { cases::values_of_every_length(kSpeed); }

}  // namespace
}  // namespace weir
