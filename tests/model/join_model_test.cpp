// Interval joins and deduplicate against models that keep everything and look through all of it.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir {
namespace {

const Topic<std::string, std::string> kIn{"in"};
const Topic<std::string, std::string> kOut{"out"};

struct Row {
  bool left;
  std::string key, id;
  Timestamp time;
  bool found = false;
};

// All records in one topic: its time alone decides what is late and when a record comes out.
TEST(JoinModel, OuterJoinAgreesWithCommitsAndCrashesAnywhere) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int limit) {
      return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    const std::int64_t before = below(10), after = below(10), grace = below(8);
    Builder builder;
    const auto [left, right] =
        builder.stream(kIn).branch([](const std::string& v) { return v.front() == 'L'; });
    left.join("join", right,
              [](const std::string* l, const std::string* r) {
                return (l ? *l : "-") + (r ? *r : "-");
              },
              {.before = Duration{before},
               .after = Duration{after},
               .grace = Duration{grace},
               .type = JoinType::outer})
        .to(kOut);
    TestDriver driver(*builder.build(), {.commit_each = false});
    std::vector<Row> rows;
    std::vector<std::string> expected;
    Timestamp clock = 0, now = -1;
    const auto emit = [&](const Row* l, const Row* r) {
      const Timestamp time = std::max(l ? l->time : -1, r ? r->time : -1);
      expected.push_back((l ? l : r)->key + (l ? l->id : "-") + (r ? r->id : "-") + "@" +
                         std::to_string(time));
    };
    const auto come_out = [&] {
      for (Row& row : rows) {
        if (row.found || row.time + (row.left ? after : before) + grace >= now) continue;
        row.found = true;
        row.left ? emit(&row, nullptr) : emit(nullptr, &row);
      }
    };
    for (int fed = 0; fed < 50; ++fed) {
      clock += below(12) == 0 ? below(50) : below(4);
      const bool is_left = below(2) == 0;
      Row row{is_left, std::string(1, static_cast<char>('a' + below(2))),
              (is_left ? "L" : "R") + std::to_string(fed),
              std::max<Timestamp>(0, clock - (below(3) == 0 ? below(25) : 0))};
      now = std::max(now, row.time);
      come_out();
      if (row.time + (is_left ? after : before) + grace >= now) {
        for (Row& other : rows) {
          if (other.left == is_left || other.key != row.key) continue;
          Row& l = is_left ? row : other;
          Row& r = is_left ? other : row;
          if (r.time < l.time - before || r.time > l.time + after) continue;
          l.found = r.found = true;
          emit(&l, &r);
        }
        rows.push_back(row);
      }
      driver.send(kIn, row.key, row.id, row.time);
      if (below(8) == 0) driver.commit();
      if (below(10) == 0) driver.crash(below(2) == 0);
    }
    now = kEndOfTime;
    come_out();
    driver.drain();
    driver.commit();
    std::vector<std::string> results;
    for (const auto& [key, value, time] : driver.read(kOut)) {
      results.push_back(key + value + "@" + std::to_string(time));
    }
    ASSERT_THAT(results, ::testing::UnorderedElementsAreArray(expected)) << "seed " << seed;
  }
}

TEST(DeduplicateModel, AgreesWithCommitsAndCrashesAnywhere) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int limit) {
      return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    const std::int64_t within = 1 + below(12);
    Builder builder;
    builder.stream(kIn)
        .deduplicate("first", [](const std::string& v) { return v; }, {.within = Duration{within}})
        .to(kOut);
    TestDriver driver(*builder.build(), {.commit_each = false});
    std::vector<Row> firsts;
    std::vector<std::string> results, expected;
    Timestamp clock = 0, now = -1;
    for (int fed = 0; fed < 60; ++fed) {
      clock += below(10) == 0 ? below(30) : below(3);
      const Row row{true, "k", std::to_string(below(4)),
                    std::max<Timestamp>(0, clock - (below(3) == 0 ? below(20) : 0))};
      now = std::max(now, row.time);
      const bool repeat = std::any_of(firsts.begin(), firsts.end(), [&](const Row& first) {
        return first.id == row.id && std::abs(first.time - row.time) <= within &&
               now <= first.time + within;
      });
      if (!repeat) {
        firsts.push_back(row);
        expected.push_back(row.id + "@" + std::to_string(row.time));
      }
      driver.send(kIn, row.key, row.id, row.time);
      if (below(8) == 0) driver.commit();
      if (below(10) == 0) driver.crash(below(2) == 0);
    }
    driver.commit();
    for (const auto& [key, value, time] : driver.read(kOut)) {
      results.push_back(value + "@" + std::to_string(time));
    }
    ASSERT_EQ(results, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
