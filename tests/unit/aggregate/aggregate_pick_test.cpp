#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "unit/aggregate/splitting.h"
#include <weir/detail/aggregate_pick.h>

namespace weir::aggregate_pick_test {
namespace {

// An input: its event time, a rank and a value. Values are different in each.
struct Row {
  Timestamp time;
  std::int64_t rank;
  std::string value;
};

// Rows with a few equal times and ranks, or with none.
std::vector<Row> random_rows(std::mt19937_64& random, bool ties) {
  std::vector<Row> rows(random() % 40);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto spread = ties ? 10 : std::int64_t{1} << 40;
    rows[i].time = static_cast<Timestamp>(random() % static_cast<std::uint64_t>(spread)) - 5;
    rows[i].rank = static_cast<std::int64_t>(random() % 7) - 3;
    rows[i].value = "v" + std::to_string(i);
  }
  return rows;
}

template <class Acc>
std::optional<std::string> text_of(const Acc& acc) {
  return acc.value();
}

// Checks an accumulator against `model`: in the order of arrival with equal times, in any order
// without.
template <class Acc, class Add, class Model>
void expect_as_model(Acc start, Add add, Model model) {
  std::mt19937_64 random(51);
  for (int round = 0; round < 400; ++round) {
    const bool ties = round % 2 == 0;
    const auto rows = random_rows(random, ties);
    const Acc in_order = merged_in_order(start, rows, random, add);
    EXPECT_EQ(in_order.value(), model(rows));
    expect_round_trip(in_order, start);
    if (ties) continue;
    const Acc at_random = merged_at_random(start, rows, random, add);
    EXPECT_EQ(bytes_of(at_random), bytes_of(in_order));
  }
}

TEST(Extreme, IsTheLeastAndTheGreatest) {
  const auto by_rank = [](const Row& a, const Row& b) { return a.rank < b.rank; };
  const auto add = [](auto& acc, const Row& row) { acc.add(row.rank); };
  expect_as_model(Extreme<std::int64_t, Pick::kLeast>(), add, [&](const auto& rows) {
    const auto found = std::min_element(rows.begin(), rows.end(), by_rank);
    return found == rows.end() ? std::nullopt : std::optional(found->rank);
  });
  expect_as_model(Extreme<std::int64_t, Pick::kGreatest>(), add, [&](const auto& rows) {
    const auto found = std::max_element(rows.begin(), rows.end(), by_rank);
    return found == rows.end() ? std::nullopt : std::optional(found->rank);
  });
}

TEST(Extreme, ComparesTextByItsBytes) {
  Extreme<std::string, Pick::kGreatest> greatest;
  Extreme<std::string, Pick::kLeast> least;
  for (std::string_view text : {"b", "abc", "", "\xc3\xa9", "z"}) {
    greatest.add(text);
    least.add(text);
  }
  EXPECT_EQ(greatest.value(), "\xc3\xa9");
  EXPECT_EQ(least.value(), "");
}

TEST(Extreme, SkipsNaNAndKnowsOneZero) {
  Extreme<double, Pick::kLeast> least;
  least.add(std::nan(""));
  EXPECT_EQ(least.value(), std::nullopt);
  least.add(-0.0);
  EXPECT_FALSE(std::signbit(least.value().value()));
  least.add(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(least.value(), -std::numeric_limits<double>::infinity());
}

TEST(Extreme, HasTheBytesOfItsGrammar) {
  Extreme<std::int64_t, Pick::kLeast> least;
  EXPECT_EQ(hex(bytes_of(least)), "00");
  least.add(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(hex(bytes_of(least)), "01ffffffffffffffffff01");
  Extreme<std::string, Pick::kLeast> text;
  text.add("ab");
  EXPECT_EQ(hex(bytes_of(text)), "01026162");
  expect_survives_damage(text, [](auto& damaged) { damaged.add("x"); });
}

TEST(EndOf, FirstIsTheEarliestAndAmongEqualTimesTheFirstThatCame) {
  expect_as_model(
      EndOf<std::string, End::kFirst>(),
      [](auto& acc, const Row& row) { acc.add(row.value, row.time); },
      [](const auto& rows) {
        std::optional<std::string> first;
        Timestamp time = 0;
        for (const Row& row : rows) {
          if (first && row.time >= time) continue;
          first = row.value;
          time = row.time;
        }
        return first;
      });
}

TEST(EndOf, LastIsTheLatestAndAmongEqualTimesTheLastThatCame) {
  expect_as_model(
      EndOf<std::string, End::kLast>(),
      [](auto& acc, const Row& row) { acc.add(row.value, row.time); },
      [](const auto& rows) {
        std::optional<std::string> last;
        Timestamp time = 0;
        for (const Row& row : rows) {
          if (last && row.time < time) continue;
          last = row.value;
          time = row.time;
        }
        return last;
      });
}

TEST(EndOf, TakesTheExtremeTimes) {
  EndOf<std::int64_t, End::kFirst> first;
  first.add(1, kEndOfTime);
  first.add(2, kNoTime);
  first.add(3, 0);
  EXPECT_EQ(first.value(), 2);
  first.clear();
  EXPECT_EQ(first.value(), std::nullopt);
}

TEST(EndOf, HasTheBytesOfItsGrammar) {
  EndOf<std::string, End::kLast> last;
  EXPECT_EQ(hex(bytes_of(last)), "00");
  last.add("ab", -1);
  EXPECT_EQ(hex(bytes_of(last)), "0101026162");
  expect_survives_damage(last, [](auto& damaged) { damaged.add("x", 5); });
}

TEST(ArgExtreme, IsTheValueBesideTheBestRankAndTheEarliestOfEqualOnes) {
  const auto model = [](bool greatest) {
    return [greatest](const auto& rows) {
      const Row* best = nullptr;
      for (const Row& row : rows) {
        const std::int64_t more = best == nullptr ? 1 : row.rank - best->rank;
        if (best == nullptr || (greatest ? more > 0 : more < 0) ||
            (more == 0 && row.time < best->time)) {
          best = &row;
        }
      }
      return best == nullptr ? std::nullopt : std::optional<std::string>(best->value);
    };
  };
  const auto add = [](auto& acc, const Row& row) { acc.add(row.value, row.rank, row.time); };
  expect_as_model(ArgExtreme<std::string, std::int64_t, Pick::kGreatest>(), add, model(true));
  expect_as_model(ArgExtreme<std::string, std::int64_t, Pick::kLeast>(), add, model(false));
}

TEST(ArgExtreme, SkipsARankThatIsNoNumber) {
  ArgExtreme<std::string, double, Pick::kGreatest> best;
  best.add("nan", std::nan(""), 1);
  EXPECT_EQ(best.value(), std::nullopt);
  best.add("low", -1.0, 2);
  best.add("nan", std::nan(""), 1);
  EXPECT_EQ(best.value(), "low");
}

TEST(ArgExtreme, HasTheBytesOfItsGrammar) {
  ArgExtreme<std::string, std::int64_t, Pick::kLeast> best;
  EXPECT_EQ(hex(bytes_of(best)), "00");
  best.add("ab", 3, -2);
  EXPECT_EQ(hex(bytes_of(best)), "010603026162");
  expect_survives_damage(best, [](auto& damaged) { damaged.add("x", 5, 6); });
}

TEST(Collect, KeepsTheFirstByTimeAndSaysHowManyThereWere) {
  constexpr std::size_t kMax = 5;
  expect_as_model(
      Collect<std::string>(kMax), [](auto& acc, const Row& row) { acc.add(row.value, row.time); },
      [](std::vector<Row> rows) {
        std::stable_sort(rows.begin(), rows.end(),
                         [](const Row& a, const Row& b) { return a.time < b.time; });
        Collected<std::string> expected;
        expected.seen = rows.size();
        for (const Row& row : rows) {
          if (expected.values.size() < kMax) expected.values.push_back(row.value);
        }
        return expected;
      });
}

TEST(Collect, SaysWhenItIsTruncated) {
  Collect<std::int64_t> two(2);
  two.add(1, 1);
  two.add(2, 2);
  EXPECT_FALSE(two.value().is_truncated());
  two.add(3, 0);
  EXPECT_TRUE(two.value().is_truncated());
  EXPECT_EQ(two.value().values, (std::vector<std::int64_t>{3, 1}));
  two.merge(two);
  EXPECT_EQ(two.value().values, (std::vector<std::int64_t>{3, 3}));
  EXPECT_EQ(two.seen(), 6u);
  two.clear();
  EXPECT_EQ(two.seen(), 0u);
}

TEST(Collect, HasTheBytesOfItsGrammar) {
  Collect<std::string> some(3);
  EXPECT_EQ(hex(bytes_of(some)), "030000");
  some.add("b", 7);
  some.add("a", 5);
  EXPECT_EQ(hex(bytes_of(some)),
            "030202"
            "0a0161"
            "040162");
  expect_survives_damage(some, [](auto& damaged) { damaged.add("x", 6); });
}

TEST(Collect, RefusesMoreThanItsLimitAndTimesOutOfOrder) {
  for (const std::string& bad :
       {std::string("\x01\x02\x02\x00\x00\x00\x00", 7), std::string("\x00\x00\x00", 3),
        std::string("\x03\x01\x02\x00\x00\x00\x00", 7),
        std::string("\x03\x02\x02\x04\x00\x01\x00", 7)}) {
    Bytes in = bad;
    EXPECT_FALSE(Collect<std::string>(3).read(in)) << hex(bad);
  }
}

}  // namespace
}  // namespace weir::aggregate_pick_test
