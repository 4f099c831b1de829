#include <algorithm>

#include <gtest/gtest.h>

#include "unit/aggregate/rows.h"
#include "unit/aggregate/splitting.h"

namespace weir {
namespace {

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
