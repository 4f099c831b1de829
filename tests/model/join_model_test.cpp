// Interval joins and deduplicate against models that keep everything and look through all of it.
#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::join_model_test {
namespace {

const Topic<std::string, std::string> kIn{"in"};
const Topic<std::string, std::string> kOut{"out"};

struct Row {
  bool left;
  std::string key, id;
  Timestamp time;
  bool found = false;
};

constexpr int kSeeds = 2000;

struct Case {
  JoinType type = JoinType::outer;
  bool anti = false;
  bool predicate = false;
};

// Some pairs do not fit, by the last digits of what they are called.
bool fits(const std::string& left, const std::string& right) {
  return (left.back() + right.back()) % 3 != 0;
}

struct Joiner {
  bool predicate;
  std::optional<std::string> operator()(const std::string* l, const std::string* r) const {
    if (predicate && l && r && !fits(*l, *r)) return std::nullopt;
    return (l ? *l : "-") + (r ? *r : "-");
  }
};

Stream<std::string, std::string> joined(const Case& c, const Stream<std::string, std::string>& left,
                                        const Stream<std::string, std::string>& right,
                                        JoinOptions options) {
  options.type = c.type;
  if (!c.anti) return left.join("join", right, Joiner{c.predicate}, options);
  return left.anti_join("join", right, options).map_values([](const std::string& l) {
    return l + "-";
  });
}

// What a case shows of a pair, or of a row that is alone.
bool shows(const Case& c, const Row* l, const Row* r) {
  if (l && r) return !c.anti;
  if (l) return c.anti || c.type != JoinType::inner;
  return !c.anti && c.type == JoinType::outer;
}

bool partners(const Case& c, const Row& l, const Row& r, const JoinOptions& options) {
  if (l.key != r.key || r.time < l.time - options.before->count() ||
      r.time > l.time + options.after->count()) {
    return false;
  }
  return !c.predicate || fits(l.id, r.id);
}

void emit(const Case& c, const Row* l, const Row* r, std::vector<std::string>& expected) {
  if (!shows(c, l, r)) return;
  const Timestamp time = std::max(l ? l->time : -1, r ? r->time : -1);
  expected.push_back((l ? l : r)->key + (l ? l->id : "-") + (r ? r->id : "-") + "@" +
                     std::to_string(time));
}

std::vector<std::string> read_results(TestDriver& driver) {
  std::vector<std::string> results;
  for (const auto& [key, value, time] : driver.read(kOut)) {
    results.push_back(key + value + "@" + std::to_string(time));
  }
  return results;
}

// All records in one topic: its time alone decides what is late and when a record comes out.
void run_one_topic(const Case& c, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  const std::int64_t before = below(10), after = below(10), grace = below(8);
  const JoinOptions options{
      .before = Duration{before}, .after = Duration{after}, .grace = Duration{grace}};
  Builder builder;
  const auto [left, right] =
      builder.stream(kIn).branch([](const std::string& v) { return v.front() == 'L'; });
  joined(c, left, right, options).to(kOut);
  TestDriver driver(*builder.build(), {.commit_each = false});
  std::vector<Row> rows;
  std::vector<std::string> expected;
  Timestamp clock = 0, now = -1;
  const auto come_out = [&] {
    for (Row& row : rows) {
      if (row.found || row.time + (row.left ? after : before) + grace >= now) continue;
      row.found = true;
      emit(c, row.left ? &row : nullptr, row.left ? nullptr : &row, expected);
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
        if (other.left == is_left) continue;
        Row& l = is_left ? row : other;
        Row& r = is_left ? other : row;
        if (!partners(c, l, r, options)) continue;
        l.found = r.found = true;
        emit(c, &l, &r, expected);
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
  ASSERT_THAT(read_results(driver), ::testing::UnorderedElementsAreArray(expected))
      << "seed " << seed;
}

void run_one_topic(const Case& c) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    run_one_topic(c, seed);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(JoinModel, InnerJoinAgreesWithCommitsAndCrashesAnywhere) {
  run_one_topic({JoinType::inner, false, true});
}
TEST(JoinModel, LeftJoinAgreesWithCommitsAndCrashesAnywhere) {
  run_one_topic({JoinType::left, false, true});
}
TEST(JoinModel, OuterJoinAgreesWithCommitsAndCrashesAnywhere) {
  run_one_topic({JoinType::outer, false, false});
}
TEST(JoinModel, AntiJoinAgreesWithCommitsAndCrashesAnywhere) {
  run_one_topic({JoinType::inner, true, false});
}

// ---- Partitions in any order -------------------------------------------------------------------

const Topic<std::string, std::string> kLefts{"lefts"};
const Topic<std::string, std::string> kRights{"rights"};

struct Sent {
  Row row;
  int partition;
  Timestamp observed;  // The largest time its partition had before it.
};

constexpr int kPartitions = 2;

// Each partition of each topic by itself. All begin at time 0, so none is without records.
std::vector<std::vector<Sent>> random_partitions(std::mt19937& random) {
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  std::vector<std::vector<Sent>> all(2 * kPartitions);
  int number = 0;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const bool left = at < kPartitions;
    Timestamp clock = 0, observed = kNoTime;
    for (int fed = 0; fed < 10; ++fed) {
      if (fed > 0) clock += below(10) == 0 ? below(40) : below(5);
      const Timestamp time = std::max<Timestamp>(0, clock - (below(3) == 0 ? below(20) : 0));
      const Row row{left, std::string(1, static_cast<char>('a' + below(2))),
                    (left ? "L" : "R") + std::to_string(number++), fed == 0 ? 0 : time};
      all[at].push_back({row, static_cast<int>(at % kPartitions), observed});
      observed = std::max(observed, row.time);
    }
  }
  return all;
}

// What the partitions give, whatever the order in which they are read: it does not appear here.
std::vector<std::string> expected_of(const Case& c, const std::vector<std::vector<Sent>>& all,
                                     const JoinOptions& options) {
  const auto wait = [&](bool left) {
    return (left ? *options.after : *options.before).count() + options.grace.count();
  };
  std::vector<Sent> rows;
  for (const auto& partition : all) {
    for (const Sent& sent : partition) {
      if (sent.row.time + wait(sent.row.left) >= sent.observed) rows.push_back(sent);
    }
  }
  std::vector<std::string> expected;
  for (Sent& a : rows) {
    for (const Sent& b : rows) {
      if (a.row.left == b.row.left) continue;
      const Sent& l = a.row.left ? a : b;
      const Sent& r = a.row.left ? b : a;
      if (!partners(c, l.row, r.row, options)) continue;
      if (a.row.left) emit(c, &l.row, &r.row, expected);
      // A partner that came after the row was due, by its own partition, came too late for it.
      if (a.row.time + wait(a.row.left) >= b.observed) a.row.found = true;
    }
    if (a.row.found) continue;
    emit(c, a.row.left ? &a.row : nullptr, a.row.left ? nullptr : &a.row, expected);
  }
  return expected;
}

void run_partitions(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  Case c;
  c.type = static_cast<JoinType>(below(3));
  c.anti = below(4) == 0;
  c.predicate = !c.anti && below(2) == 0;
  const JoinOptions options{
      .before = Duration{below(10)}, .after = Duration{below(10)}, .grace = Duration{below(8)}};
  Builder builder;
  // A key of its own sends both sides through repartition topics.
  const auto same = [](const std::string& key, const std::string&) { return key; };
  joined(c, builder.stream(kLefts).rekey(same), builder.stream(kRights).rekey(same), options)
      .to(kOut);
  const std::vector<std::vector<Sent>> all = random_partitions(random);
  TestDriver driver(*builder.build(), {.partitions = kPartitions, .commit_each = false});
  const auto send = [&](const Sent& sent) {
    driver.send(sent.row.left ? kLefts : kRights, sent.row.key, sent.row.id, sent.row.time,
                sent.partition);
  };
  for (const auto& partition : all) send(partition.front());
  driver.commit();
  std::vector<std::size_t> turns;
  for (std::size_t at = 0; at < all.size(); ++at) turns.insert(turns.end(), all[at].size() - 1, at);
  // Now and then one partition after the other: as far apart as they can be.
  if (below(4) != 0) std::shuffle(turns.begin(), turns.end(), random);
  std::vector<std::size_t> next(all.size(), 1);
  for (const std::size_t turn : turns) {
    send(all[turn][next[turn]++]);
    if (below(8) == 0) driver.commit();
    if (below(12) == 0) driver.crash(below(2) == 0);
  }
  driver.drain();
  driver.commit();
  ASSERT_THAT(read_results(driver),
              ::testing::UnorderedElementsAreArray(expected_of(c, all, options)))
      << "seed " << seed;
}

TEST(JoinModel, TheOrderInWhichPartitionsAreReadChangesNothing) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    run_partitions(seed);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// ---- Deduplicate -------------------------------------------------------------------------------

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
}  // namespace weir::join_model_test
