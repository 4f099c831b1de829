#include <gtest/gtest.h>

#include "unit/json/reader_cases.h"

namespace weir {
namespace {

class MatchScalar : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cases::can(kSpeed)) GTEST_SKIP() << "not on this processor";
  }
  static constexpr JsonSpeed kSpeed = JsonSpeed::kScalar;
};

TEST_F(MatchScalar, SameAsReferenceOnEveryMutation) {
  cases::same_as_reference_on_every_mutation(kSpeed);
}
TEST_F(MatchScalar, SameAsReferenceOnRandomRecords) {
  cases::same_as_reference_on_random_records(kSpeed);
}
TEST_F(MatchScalar, ReadsNothingPastTheEnd) { cases::reads_nothing_past_the_end(kSpeed); }
TEST_F(MatchScalar, KnowsAShapeWhenItComesAgain) {
  cases::knows_a_shape_when_it_comes_again(kSpeed);
}
TEST_F(MatchScalar, TakesValuesOfEveryLength) { cases::values_of_every_length(kSpeed); }

}  // namespace
}  // namespace weir
