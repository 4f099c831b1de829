#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/row_aggregate.h>

namespace weir {
namespace {

using Kind = JsonValue::Kind;

constexpr RowType kDynamic{};
constexpr RowType kBool{Kind::kBool, 0};
constexpr RowType kInt{Kind::kInt, 0};
constexpr RowType kReal{Kind::kDouble, 0};
constexpr RowType kMoney{Kind::kDecimal, 2};
constexpr RowType kText{Kind::kString, 0};
constexpr RowType kTime{Kind::kTime, 0};
constexpr RowType kRaw{Kind::kRaw, 0};

// The columns of the rows in these tests.
enum Column : std::size_t { kUser, kAmount, kPieces, kPaid, kWeight, kAt, kColumns };

struct Row {
  Timestamp time = 0;
  JsonValue values[kColumns];
};

Row row(Timestamp time, JsonValue user, JsonValue amount, JsonValue pieces, JsonValue paid = {},
        JsonValue weight = {}, JsonValue at = {}) {
  return {time, {user, amount, pieces, paid, weight, at}};
}

JsonValue text(std::string_view bytes) { return JsonValue::string(bytes); }
JsonValue money(std::int64_t cents) { return JsonValue::decimal(cents, 2); }
JsonValue whole(std::int64_t value) { return JsonValue::integer(value); }

RowAggregate make(AggregateKind kind, std::size_t column, RowType type) {
  RowAggregate made;
  made.name = "it";
  made.kind = kind;
  made.argument = column;
  made.type = type;
  return made;
}
RowAggregate with(RowAggregate aggregate, double parameter) {
  aggregate.parameter = parameter;
  return aggregate;
}
RowAggregate at_most(RowAggregate aggregate, std::uint64_t max) {
  aggregate.max = max;
  return aggregate;
}
RowAggregate by(RowAggregate aggregate, std::size_t column) {
  aggregate.by = column;
  return aggregate;
}

// The results as a JSON array, or the error.
std::string results(const RowAggregates& plan, const RowState& state) {
  std::vector<JsonValue> values(plan.size());
  std::string scratch;
  if (const Status good = plan.result(state, values, scratch); !good) return good.error().text;
  std::string json;
  for (const JsonValue& value : values) {
    json += json.empty() ? "[" : ",";
    append_json(json, value);
  }
  return json + "]";
}

std::string results(const RowAggregates& plan, const std::vector<Row>& rows) {
  RowState state = plan.start();
  for (const Row& each : rows) {
    if (const Status good = plan.add(state, each.values, each.time); !good) {
      return good.error().text;
    }
  }
  return results(plan, state);
}

std::string result(const RowAggregate& aggregate, const std::vector<Row>& rows) {
  return results(RowAggregates({aggregate}), rows);
}

std::vector<RowAggregate> one_of_each() {
  using enum AggregateKind;
  return {make(kCount, 0, {}),
          make(kCountIf, kPaid, kBool),
          make(kSum, kAmount, kMoney),
          make(kSum, kPieces, kInt),
          make(kSum, kWeight, kReal),
          make(kAvg, kAmount, kMoney),
          make(kAvg, kPieces, kInt),
          make(kAvg, kWeight, kReal),
          make(kMin, kAmount, kMoney),
          make(kMax, kUser, kText),
          make(kMax, kAt, kTime),
          make(kFirst, kUser, kText),
          make(kLast, kUser, kText),
          make(kAny, kPaid, kBool),
          make(kCountDistinct, kUser, kText),
          make(kCountDistinct, kAmount, kMoney),
          make(kCountDistinct, kWeight, kReal),
          with(make(kApproxDistinct, kUser, kText), 0.05),
          with(make(kApproxDistinct, kAt, kTime), 0.05),
          make(kStddev, kAmount, kMoney),
          with(make(kQuantile, kPieces, kInt), 0.5),
          at_most(make(kCollect, kUser, kText), 2),
          by(make(kArgMax, kUser, kText), kAmount),
          by(make(kArgMin, kAmount, kMoney), kPieces),
          at_most(make(kCollect, kAmount, kMoney), 9)};
}

std::vector<Row> four_rows() {
  return {row(30, text("ann"), money(1000), whole(2), JsonValue::boolean(true),
              JsonValue::real(0.5), JsonValue::time(500)),
          row(10, {}, money(2501), whole(4), JsonValue::boolean(false), {}, JsonValue::time(1500)),
          row(20, text("bob"), {}, whole(1), {}, JsonValue::real(0.25), {}),
          row(40, text("ann"), money(-2), whole(1), JsonValue::boolean(true), JsonValue::real(0.5),
              JsonValue::time(500))};
}

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

class RowStates : public testing::Test {
 protected:
  RowStates() {
    for (int i = 0; i < 300; ++i) {
      users_.push_back("user-" + std::to_string(random_() % 60));
    }
    for (std::size_t i = 0; i < users_.size(); ++i) {
      const auto some = [&](JsonValue value) { return random_() % 5 == 0 ? JsonValue() : value; };
      rows_.push_back(row(static_cast<Timestamp>(i * 1000 + random_() % 997), some(text(users_[i])),
                          some(money(static_cast<std::int64_t>(random_() % 100'000))),
                          some(whole(static_cast<std::int64_t>(random_() % 10))),
                          some(JsonValue::boolean(random_() % 2 == 0)),
                          some(JsonValue::real(static_cast<double>(random_() % 1000) / 7)),
                          some(JsonValue::time(static_cast<Timestamp>(random_() % 50)))));
    }
  }

  std::mt19937_64 random_{81};
  std::vector<std::string> users_;
  std::vector<Row> rows_;
  const RowAggregates plan_{one_of_each()};
};

TEST_F(RowStates, GiveTheSameResultsHoweverTheInputIsSplit) {
  const auto add = [&](RowState& state, const Row& each) {
    ASSERT_TRUE(plan_.add(state, each.values, each.time));
  };
  const std::string expected = results(plan_, rows_);
  for (int round = 0; round < 50; ++round) {
    EXPECT_EQ(results(plan_, merged_at_random(plan_.start(), rows_, random_, add)), expected);
    const RowState state = merged_in_order(plan_.start(), rows_, random_, add);
    EXPECT_EQ(results(plan_, state), expected);
    expect_round_trip(state, RowState());
    std::shuffle(rows_.begin(), rows_.end(), random_);
  }
}

TEST_F(RowStates, PartialsAddUpToTheWhole) {
  RowState merged = plan_.start();
  std::vector<RowState> tasks(3, plan_.start());
  for (const Row& each : rows_) {
    RowState& task = tasks[random_() % tasks.size()];
    ASSERT_TRUE(plan_.add(task, each.values, each.time));
    if (random_() % 10 != 0) continue;
    std::string bytes;
    task.write_partial(bytes);
    task.next_partial();
    RowState partial;
    Bytes in = bytes;
    ASSERT_TRUE(partial.read(in));
    merged.merge(partial);
  }
  for (const RowState& task : tasks) merged.merge(task);
  EXPECT_EQ(results(plan_, merged), results(plan_, rows_));
}

TEST_F(RowStates, SendEachMemberOfASetOnce) {
  const RowAggregates plan({make(AggregateKind::kCountDistinct, kUser, kText)});
  RowState state = plan.start();
  std::string first;
  std::string second;
  for (const Row& each : rows_) ASSERT_TRUE(plan.add(state, each.values, each.time));
  state.write_partial(first);
  state.next_partial();
  for (const Row& each : rows_) ASSERT_TRUE(plan.add(state, each.values, each.time));
  state.write_partial(second);
  EXPECT_GT(first.size(), 400u);
  EXPECT_EQ(hex(second),
            "01"
            "0e"
            "00");
}

TEST_F(RowStates, OfOneGroupDoNotShareAnything) {
  RowState state = plan_.start();
  ASSERT_TRUE(plan_.add(state, rows_[0].values, rows_[0].time));
  const RowState copy = state;
  const std::string before = results(plan_, copy);
  for (const Row& each : rows_) ASSERT_TRUE(plan_.add(state, each.values, each.time));
  EXPECT_EQ(results(plan_, copy), before);
  state.clear();
  EXPECT_EQ(results(plan_, state), results(plan_, std::vector<Row>()));
  state = copy;
  EXPECT_TRUE(state == copy);
}

TEST_F(RowStates, OfAnotherPlanAreRefused) {
  const RowAggregates other({make(AggregateKind::kCount, 0, {})});
  RowState state = plan_.start();
  EXPECT_THROW(state.merge(other.start()), BrokenWorld);
  EXPECT_THROW((void)other.add(state, rows_[0].values, 1), BrokenWorld);
  EXPECT_THROW((void)results(other, state), BrokenWorld);
  RowState empty;
  state.merge(empty);
  EXPECT_TRUE(state == plan_.start());
  empty.merge(state);
  EXPECT_TRUE(empty == state);
}

TEST_F(RowStates, HaveTheBytesOfTheirGrammar) {
  const RowAggregates plan(
      {make(AggregateKind::kCount, 0, {}), make(AggregateKind::kSum, kAmount, kMoney),
       make(AggregateKind::kMax, kUser, kText), make(AggregateKind::kCountDistinct, kUser, kText)});
  RowState state = plan.start();
  EXPECT_EQ(hex(bytes_of(state)),
            "04"
            "0000"
            "0100"
            "0700"
            "0e00");
  const Row each = row(1, text("ann"), money(32), {});
  ASSERT_TRUE(plan.add(state, each.values, each.time));
  EXPECT_EQ(hex(bytes_of(state)),
            "04"
            "0001"
            "0140"
            "070105"
            "03616e6e"
            "0e01"
            "03616e6e");
}

TEST_F(RowStates, SurviveDamageOfTheirBytes) {
  RowState state = plan_.start();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(plan_.add(state, rows_[i].values, rows_[i].time));
  expect_survives_damage(state, [&](RowState& damaged) {
    try {
      (void)results(plan_, damaged);
      (void)plan_.add(damaged, rows_[9].values, 5);
    } catch (const BrokenWorld&) {  // Its tags are not those of the plan.
    }
    (void)damaged.memory();
  });
}

TEST_F(RowStates, TellWhatMemoryTheyTake) {
  RowState state = plan_.start();
  const std::size_t before = state.memory();
  for (const Row& each : rows_) ASSERT_TRUE(plan_.add(state, each.values, each.time));
  EXPECT_GT(state.memory(), before + 500);
}

}  // namespace
}  // namespace weir
