// Per-event windows against a model that keeps every record and lists windows from them.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::model::per_event_model_test {
namespace {

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<Windowed<std::string>, std::string> kOut{"out"};

struct Kept {
  Event event;
  Timestamp open = 0;  // The least end of a window that it counts in.
};

// Ends of the windows that are there because of `kept`.
std::set<Timestamp> ends_of(const std::vector<Kept>& kept, std::int64_t size) {
  std::set<Timestamp> ends;
  for (const Kept& record : kept) {
    const Timestamp own = std::max(record.event.time, size);
    if (own >= record.open) ends.insert(own);
    ends.insert(record.event.time + 1 + size);
  }
  return ends;
}

struct Expected {
  std::vector<std::string> lines;
  std::uint64_t late = 0;
};

Expected model(const std::vector<Event>& events, const PerEvent& windows) {
  const std::int64_t size = windows.size.count();
  std::map<std::string, std::vector<Kept>> keys;
  Expected expected;
  for (const Event& event : events) {
    std::vector<Kept>& kept = keys[event.key];
    const Timestamp open = event.observed == kNoTime ? 0 : event.observed - windows.grace.count();
    bool counts = std::max(event.time, size) >= open;
    for (const Timestamp end : ends_of(kept, size)) {
      if (end >= open && end - size <= event.time && event.time <= end) counts = true;
    }
    if (counts) kept.push_back({event, open});
    if (!counts) ++expected.late;
  }
  std::map<std::pair<Timestamp, std::string>, std::string> results;
  for (const auto& [key, kept] : keys) {
    for (const Timestamp end : ends_of(kept, size)) {
      std::string values;
      Timestamp newest = kNoTime;
      for (const Kept& record : kept) {
        const Timestamp time = record.event.time;
        if (time < end - size || time > end || end < record.open) continue;
        values += std::to_string(record.event.value);
        newest = std::max(newest, time);
      }
      if (!values.empty()) results[{end, key}] = line(key, {end - size, end}, newest, values);
    }
  }
  for (const auto& [place, text] : results) expected.lines.push_back(text);
  return expected;
}

Topology topology_of(const PerEvent& windows, bool repartitioned) {
  Builder builder;
  const auto in = builder.stream(kIn);
  const auto rekeyed = in.rekey([](const std::string& key, std::int64_t) { return key; });
  const auto grouped = (repartitioned ? rekeyed : in).group_by_key().windowed(windows);
  if (repartitioned) {
    grouped.aggregate("sums", Sum{}, &Sum::add)
        .map_values([](const Sum& sum) { return std::to_string(sum.sum); })
        .to(kOut);
  } else {
    grouped.aggregate("lists", Listed{}, &Listed::add)
        .map_values([](const Listed& listed) { return listed.values; })
        .to(kOut);
  }
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return *plan;
}

std::vector<std::string> lines_of(TestDriver& driver) {
  std::vector<std::string> lines;
  for (const auto& result : driver.read(kOut)) {
    lines.push_back(line(result.key.key, result.key.window, result.timestamp, result.value));
  }
  return lines;
}

TEST(PerEventModel, OnePartitionGivesWhatKafkaStreamsWould) {
  for (std::uint64_t seed = 1; seed <= 1500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const PerEvent windows{Duration{pick(random, 0, 30)}, Duration{pick(random, 0, 3) * 6}};
    const auto events = random_events(random, {.disorder_ms = pick(random, 0, 80)});
    const Expected expected = model(events, windows);
    TestDriver driver(topology_of(windows, false), {.commit_each = false});
    play(driver, kIn, events, random);
    EXPECT_THAT(lines_of(driver), testing::ElementsAreArray(expected.lines));
    EXPECT_EQ(driver.discarded("late"), expected.late);
  }
}

// Of sums the order of arrival does not show, so any mix of partitions must give the same.
TEST(PerEventModel, MixingPartitionsChangesNothingWhileDisorderIsWithinGrace) {
  for (std::uint64_t seed = 1; seed <= 600 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const PerEvent windows{Duration{pick(random, 0, 30)}, Duration{20}};
    const Shape shape{.partitions = 3, .records = 12, .disorder_ms = 20};
    const auto events = random_events(random, shape);
    std::vector<std::string> lines[2];
    for (auto& run : lines) {
      TestDriver driver(topology_of(windows, true), {.partitions = 3, .commit_each = false});
      play(driver, kIn, mixed(random, events), random);
      run = lines_of(driver);
      EXPECT_EQ(driver.discarded("late"), 0u);
    }
    EXPECT_THAT(lines[0], testing::UnorderedElementsAreArray(lines[1]));
  }
}

}  // namespace
}  // namespace weir::model::per_event_model_test
