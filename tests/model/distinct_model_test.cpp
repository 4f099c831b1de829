// Sets over windows against sets that are never forgotten: exact ones of text and of numbers, and
// HyperLogLog, keyed and global. State rows and partials carry only what is new, so commits,
// crashes and restores must not lose a member, and the rows must stay small.
#include <map>
#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/aggregate.h>
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::model::distinct_model_test {
namespace {

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<Windowed<std::string>, std::string> kOut{"out"};

struct Visit {
  std::string user;
  std::int64_t page = 0;
  void write(std::string& out) const {
    append_bytes(out, user);
    append_zigzag(out, page);
  }
  bool read(std::string_view& in) {
    return StateSerde<std::string>::read(in, user) && read_zigzag(in, page);
  }
};

// Some members come again and again, some once. Names are long, so that sets are.
Visit visit_of(std::int64_t value, Timestamp time) {
  const std::int64_t number = value < 5 ? value : value * 1000 + time;
  return {"a user with the number " + std::to_string(number), number};
}

const auto kStats = aggregates(count(), distinct(&Visit::user), distinct(&Visit::page),
                               approx_distinct(&Visit::user));
using State = decltype(kStats)::State;

std::string text_of(const State& state) {
  const auto result = state.result();
  check(static_cast<bool>(result), "the result does not fit");
  const auto& [records, users, pages, about] = *result;
  return std::to_string(records) + " " + std::to_string(users) + " " + std::to_string(pages) +
         (std::abs(about - users) <= 2 ? " about right" : " about " + std::to_string(about));
}

Topology topology_of(const Windows& windows, bool global) {
  Builder builder;
  const auto visits = builder.stream(kIn).map_values(
      [](const Record<std::string, std::int64_t>& r) { return visit_of(r.value, r.timestamp); });
  if (global) {
    visits.group_all()
        .windowed(windows)
        .aggregate("visits", kStats.start(), kStats)
        .map([](const Windowed<NoKey>& key, const State& state) {
          return std::pair{Windowed<std::string>{"", key.window}, text_of(state)};
        })
        .to(kOut);
  } else {
    visits.group_by_key()
        .windowed(windows)
        .aggregate("visits", kStats.start(), kStats)
        .map_values(text_of)
        .to(kOut);
  }
  return *builder.build();
}

std::vector<std::string> model(const std::vector<Event>& events, const Windows& windows,
                               bool global) {
  struct Seen {
    std::int64_t records = 0;
    std::set<std::string> users;
    Timestamp newest = kNoTime;
  };
  std::map<std::tuple<Timestamp, std::string>, Seen> all;
  const std::int64_t size = windows.size.count();
  for (const Event& event : events) {
    for (Timestamp start = 0; start <= event.time; start += windows.every.count()) {
      const Timestamp end = start + size;
      if (event.time >= end || end + windows.grace.count() <= event.observed) continue;
      Seen& seen = all[{end, global ? "" : event.key}];
      ++seen.records;
      seen.users.insert(visit_of(event.value, event.time).user);
      seen.newest = std::max(seen.newest, event.time);
    }
  }
  std::vector<std::string> lines;
  for (const auto& [end_and_key, seen] : all) {
    const auto& [end, key] = end_and_key;
    const std::string count = std::to_string(seen.users.size());
    lines.push_back(
        line(key, {end - size, end}, seen.newest,
             std::to_string(seen.records) + " " + count + " " + count + " about right"));
  }
  return lines;
}

void run(std::uint64_t seed, bool global) {
  Random random(seed);
  const Windows windows{.size = Duration{60},
                        .every = Duration{pick(random, 0, 1) == 0 ? 60 : 20},
                        .grace = Duration{pick(random, 0, 2) * 20}};
  const Shape shape{
      .partitions = global ? 3 : 1, .records = global ? 30 : 60, .step_ms = 4, .disorder_ms = 60};
  const std::vector<Event> events = random_events(random, shape);
  TestDriver driver(topology_of(windows, global),
                    {.partitions = shape.partitions, .commit_each = false});
  play(driver, kIn, mixed(random, events), random);
  std::vector<std::string> lines;
  for (const auto& result : driver.read(kOut)) {
    lines.push_back(line(result.key.key, result.key.window, result.timestamp, result.value));
  }
  ASSERT_THAT(lines, testing::UnorderedElementsAreArray(model(events, windows, global)))
      << "seed " << seed;
}

TEST(DistinctModel, KeyedSetsLoseNoMember) {
  for (std::uint64_t seed = 1; seed <= 1000 && !HasFailure(); ++seed) run(seed, false);
}
TEST(DistinctModel, GlobalSetsLoseNoMember) {
  for (std::uint64_t seed = 1; seed <= 1000 && !HasFailure(); ++seed) run(seed, true);
}

std::size_t bytes_of(const std::vector<LogRecord>& records) {
  std::size_t bytes = 0;
  for (const LogRecord& record : records) bytes += record.value.value_or("").size();
  return bytes;
}

// A thousand users, then one more in each of ten commits.
TEST(DistinctModel, ACommitCostsWhatIsNewInIt) {
  TestDriver driver(topology_of({.size = Duration{1000}, .every = Duration{1000}}, true),
                    {.commit_each = false});
  for (std::int64_t user = 10; user < 1010; ++user) driver.send(kIn, "k", user, 0);
  driver.commit();
  const std::size_t whole = bytes_of(driver.read("visits-changelog"));
  EXPECT_GT(whole, 25'000u);
  driver.read("visits-repartition");
  for (std::int64_t user = 2000; user < 2010; ++user) {
    driver.send(kIn, "k", user, 0);
    driver.send(kIn, "k", 10, 0);
    driver.commit();
  }
  EXPECT_LT(bytes_of(driver.read("visits-repartition")), 10 * 200u);
  EXPECT_LT(bytes_of(driver.read("visits-changelog")), 10 * 300u);
  driver.drain();
  EXPECT_EQ(driver.read(kOut).back().value.substr(0, 14), "1020 1010 1010");
}

}  // namespace
}  // namespace weir::model::distinct_model_test
