#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/rows.h"
#include <weir/row_aggregate.h>

namespace weir {
namespace {

using Kind = JsonValue::Kind;

TEST(RowAggregates, ComputeEachKindAndType) {
  EXPECT_EQ(results(RowAggregates(one_of_each()), four_rows()),
            "[4,2,34.99,8,1.25,11.6633,2,0.4166666666666667,-0.02,\"bob\","
            "\"1970-01-01T00:00:01.500Z\",\"bob\",\"ann\",false,2,3,2,2,2,12.597628083624842,1,"
            "[\"bob\",\"ann\"],null,null,[25.01,10.00,-0.02]]");
}

TEST(RowAggregates, OfNothingAreZeroOrNull) {
  EXPECT_EQ(results(RowAggregates(one_of_each()), std::vector<Row>()),
            "[0,0,0.00,0,0,null,null,null,null,null,null,null,null,null,0,0,0,0,0,null,null,[],"
            "null,null,[]]");
}

TEST(RowAggregates, AvgOfDecimalsHasTwoPlacesMoreHalfToEven) {
  const auto avg = make(AggregateKind::kAvg, kAmount, kMoney);
  EXPECT_EQ(result(avg, {row(1, {}, money(1000), {}), row(1, {}, money(2501), {})}), "[17.5050]");
  EXPECT_EQ(
      result(avg, {row(1, {}, money(1), {}), row(1, {}, money(0), {}), row(1, {}, money(0), {})}),
      "[0.0033]");
  EXPECT_EQ(RowAggregates::result_type(avg).places, 4);
}

TEST(RowAggregates, TakeNumbersOfKindsThatFit) {
  const auto sum = make(AggregateKind::kSum, kAmount, kMoney);
  EXPECT_EQ(result(sum, {row(1, {}, whole(5), {})}), "[5.00]");
  EXPECT_EQ(result(sum, {row(1, {}, JsonValue::decimal(12345, 3), {})}), "[12.34]");
  const auto real = make(AggregateKind::kSum, kAmount, kReal);
  EXPECT_EQ(result(real, {row(1, {}, whole(5), {}), row(1, {}, money(25), {})}), "[5.25]");
}

TEST(RowAggregates, RefuseAValueOfAnotherTypeAndAddNothing) {
  const RowAggregates plan(
      {make(AggregateKind::kCount, 0, {}), make(AggregateKind::kSum, kAmount, kMoney)});
  RowState state = plan.start();
  const Row bad = row(1, {}, text("12"), {});
  const Status refused = plan.add(state, bad.values, bad.time);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "'it': the value is no decimal(2)");
  EXPECT_EQ(results(plan, state), "[0,0.00]");

  const auto most = whole(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(result(make(AggregateKind::kSum, kAmount, kMoney), {row(1, {}, most, {})}),
            "'it': the value is no decimal(2)");
  EXPECT_EQ(result(make(AggregateKind::kSum, kAmount, kInt), {row(1, {}, money(100), {})}),
            "'it': the value is no int");
}

TEST(RowAggregates, SayWhatDoesNotFit) {
  const auto most = whole(std::numeric_limits<std::int64_t>::max());
  const auto sum = make(AggregateKind::kSum, kPieces, kInt);
  EXPECT_EQ(result(sum, {row(1, {}, {}, most), row(1, {}, {}, whole(1))}),
            "'it': does not fit int");
  EXPECT_EQ(
      result(sum, {row(1, {}, {}, most), row(1, {}, {}, whole(1)), row(1, {}, {}, whole(-1))}),
      "[9223372036854775807]");
  const auto huge = JsonValue::decimal(std::numeric_limits<std::int64_t>::max(), 2);
  EXPECT_EQ(result(make(AggregateKind::kAvg, kAmount, kMoney), {row(1, {}, huge, {})}),
            "'it': does not fit decimal(4)");
}

TEST(RowAggregates, SkipNaN) {
  const auto nan = JsonValue::real(std::nan(""));
  const std::vector<Row> rows{row(1, {}, {}, {}, {}, nan),
                              row(1, {}, {}, {}, {}, JsonValue::real(2))};
  EXPECT_EQ(result(make(AggregateKind::kAvg, kWeight, kReal), rows), "[2]");
  EXPECT_EQ(result(make(AggregateKind::kMin, kWeight, kReal), rows), "[2]");
  EXPECT_EQ(result(make(AggregateKind::kCountDistinct, kWeight, kReal), rows), "[1]");
  EXPECT_EQ(result(by(make(AggregateKind::kArgMax, kWeight, kReal), kWeight), rows), "[2]");
}

TEST(RowAggregates, KeepValuesWhoseTypeNobodyDeclared) {
  const std::vector<Row> rows{row(1, text("5"), {}, {}), row(2, whole(5), {}, {}),
                              row(3, JsonValue::raw("[1]"), {}, {}), row(4, whole(5), {}, {})};
  EXPECT_EQ(result(make(AggregateKind::kCountDistinct, kUser, kDynamic), rows), "[3]");
  EXPECT_EQ(result(with(make(AggregateKind::kApproxDistinct, kUser, kDynamic), 0.05), rows), "[3]");
  EXPECT_EQ(result(make(AggregateKind::kFirst, kUser, kDynamic), rows), "[\"5\"]");
  EXPECT_EQ(result(make(AggregateKind::kLast, kUser, kDynamic), rows), "[5]");
  EXPECT_EQ(result(at_most(make(AggregateKind::kCollect, kUser, kDynamic), 3), rows),
            "[[\"5\",5,[1]]]");
  EXPECT_EQ(result(make(AggregateKind::kCountDistinct, kUser, kRaw), {rows[2], rows[2]}), "[1]");
}

TEST(RowAggregates, AnArgumentThatIsNullIsAResultLikeAnyOther) {
  const auto dearest = by(make(AggregateKind::kArgMax, kUser, kText), kAmount);
  EXPECT_EQ(result(dearest, {row(1, text("ann"), money(1), {}), row(2, {}, money(2), {}),
                             row(3, text("bob"), {}, {})}),
            "[null]");
}

TEST(RowAggregates, KnowWhatCannotBe) {
  using enum AggregateKind;
  const auto problem = [](const RowAggregate& aggregate) {
    const Status good = RowAggregates::problem(aggregate);
    return good ? "" : good.error().text;
  };
  EXPECT_EQ(problem(make(kSum, 0, kText)), "'it': needs a number, not string");
  EXPECT_EQ(problem(make(kAvg, 0, kTime)), "'it': needs a number, not time");
  EXPECT_EQ(problem(make(kStddev, 0, kDynamic)), "'it': needs a number, not any");
  EXPECT_EQ(problem(make(kQuantile, 0, kBool)), "'it': needs a number, not bool");
  EXPECT_EQ(problem(with(make(kQuantile, 0, kInt), 1.5)), "'it': a quantile is between 0 and 1");
  EXPECT_EQ(problem(make(kCountIf, 0, kInt)), "'it': count_if takes a condition, not int");
  EXPECT_EQ(problem(with(make(kApproxDistinct, 0, kText), 0.001)),
            "'it': the error of approx_distinct is 0.0021 to 1");
  EXPECT_EQ(problem(make(kCollect, 0, kText)), "'it': collect keeps at least 1 value");
  EXPECT_EQ(problem(make(kSum, 0, {Kind::kDecimal, 19})), "'it': a decimal has 0 to 18 places");
  for (const RowAggregate& good : one_of_each()) EXPECT_EQ(problem(good), "");
}

TEST(RowAggregates, ResultsHaveTheDeclaredTypes) {
  const RowAggregates plan(one_of_each());
  RowState state = plan.start();
  for (const Row& each : four_rows()) ASSERT_TRUE(plan.add(state, each.values, each.time));
  std::vector<JsonValue> values(plan.size());
  std::string scratch;
  ASSERT_TRUE(plan.result(state, values, scratch));
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const RowType type = RowAggregates::result_type(one_of_each()[i]);
    if (values[i].is_null()) continue;
    EXPECT_EQ(values[i].kind(), type.kind) << i;
    if (type.kind == Kind::kDecimal) {
      EXPECT_EQ(values[i].places(), type.places) << i;
    }
  }
}

}  // namespace
}  // namespace weir
