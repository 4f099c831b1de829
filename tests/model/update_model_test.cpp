// Results that are told as they change, against models that keep every record: of each window and
// key the same changes in the same order, whatever crashes between them.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::model::update_model_test {
namespace {

constexpr std::uint64_t kSeeds = 2000;
const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<Windowed<std::string>, std::optional<std::string>> kOut{"out"};

std::string text_of(const Sum& sum) {
  return std::to_string(sum.sum) + " of " + std::to_string(sum.records);
}

// What was told of each key and window, in order; of a session also that it is gone.
using Told = std::map<std::string, std::vector<std::string>>;

std::string name_of(const Windowed<std::string>& key) {
  return key.key + " " + std::to_string(key.window.start) + "-" + std::to_string(key.window.end);
}

struct Expected {
  Told told;
  std::uint64_t late = 0;
};

Told read(TestDriver& driver) {
  Told told;
  for (const auto& result : driver.read(kOut)) {
    told[name_of(result.key)].push_back(result.value.value_or("gone") + " @" +
                                        std::to_string(result.timestamp));
  }
  return told;
}

void expect_told(const Topology& plan, int partitions, const std::vector<Event>& events,
                 const Expected& expected, Random& random) {
  TestDriver driver(plan, {.partitions = partitions, .commit_each = false});
  play(driver, kIn, events, random);
  EXPECT_EQ(read(driver), expected.told);
  EXPECT_EQ(driver.discarded("late"), expected.late);
}

// ---- Windows -----------------------------------------------------------------------------------

Expected model(const std::vector<Event>& events, const Windows& windows) {
  const std::int64_t size = windows.size.count();
  const std::int64_t every = windows.every.count() > 0 ? windows.every.count() : size;
  std::map<Windowed<std::string>, std::pair<Sum, Timestamp>> sums;
  Expected expected;
  for (const Event& event : events) {
    bool counted = false;
    for (Timestamp start = 0; start <= event.time; start += every) {
      const Timestamp end = start + size;
      if (event.time >= end || end + windows.grace.count() <= event.observed) continue;
      counted = true;
      const Windowed<std::string> key{event.key, {start, end}};
      auto& [sum, newest] = sums.try_emplace(key, Sum{}, event.time).first->second;
      sum.add(event.value);
      newest = std::max(newest, event.time);
      expected.told[name_of(key)].push_back(text_of(sum) + " @" + std::to_string(newest));
    }
    if (!counted) ++expected.late;
  }
  return expected;
}

Topology topology_of(const Windows& windows) {
  Builder builder;
  builder.stream(kIn)
      .group_by_key()
      .windowed(windows)
      .aggregate("sums", Sum{}, &Sum::add, Emit::on_update)
      .map_values([](const Sum& sum) { return std::optional(text_of(sum)); })
      .to(kOut);
  return *builder.build();
}

TEST(UpdateModel, EachRecordChangesEveryWindowItIsInTimeFor) {
  constexpr std::pair<int, int> kShapes[] = {{20, 0}, {20, 5}, {15, 10}, {7, 1}, {30, 20}};
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto [size, every] = kShapes[pick(random, 0, 4)];
    const Windows windows{.size = Duration{size},
                          .every = Duration{every},
                          .grace = Duration{pick(random, 0, 3) * 6}};
    const auto events = random_events(random, {.records = 30, .disorder_ms = 40});
    expect_told(topology_of(windows), 1, events, model(events, windows), random);
  }
}

// ---- Sessions ----------------------------------------------------------------------------------

struct Span {
  Window window;
  Sum sum;
};

bool is_closed(const Span& span, const Event& event, std::int64_t wait) {
  return event.observed != kNoTime && span.window.end + wait < std::max(event.observed, event.time);
}

// A record takes every open session of its key at most a gap away. They are gone, as in Kafka
// Streams also where their window stays as it was, unless all of it is the record's own time; and
// the one that they have become is told.
void add(std::vector<Span>& spans, const Event& event, const Session& windows, Expected& expected) {
  const std::int64_t gap = windows.gap.count();
  const std::int64_t wait = gap + windows.grace.count();
  Span fresh{{event.time, event.time}, {event.value, 1}};
  std::vector<Window> taken;
  std::vector<Span> rest;
  for (const Span& span : spans) {
    const bool near = span.window.end >= event.time - gap && span.window.start <= event.time + gap;
    if (!near || is_closed(span, event, wait)) {
      rest.push_back(span);
      continue;
    }
    fresh.window.start = std::min(fresh.window.start, span.window.start);
    fresh.window.end = std::max(fresh.window.end, span.window.end);
    fresh.sum.merge(span.sum);
    taken.push_back(span.window);
  }
  if (taken.empty() && is_closed(fresh, event, wait)) {
    ++expected.late;
    return;
  }
  const auto tell = [&](const Window& window, const std::string& text) {
    expected.told[name_of({event.key, window})].push_back(text + " @" + std::to_string(window.end));
  };
  if (fresh.window != Window{event.time, event.time}) {
    for (const Window& window : taken) tell(window, "gone");
  }
  tell(fresh.window, text_of(fresh.sum));
  rest.push_back(fresh);
  spans = std::move(rest);
}

TEST(UpdateModel, SessionsTakeBackWhatTheyWereBefore) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Session windows{Duration{pick(random, 1, 25)}, Duration{pick(random, 0, 3) * 5}};
    const auto events = random_events(random, {.records = 30, .disorder_ms = pick(random, 0, 60)});
    std::map<std::string, std::vector<Span>> spans;
    Expected expected;
    for (const Event& event : events) add(spans[event.key], event, windows, expected);
    Builder builder;
    builder.stream(kIn)
        .group_by_key()
        .windowed(windows)
        .updates()
        .aggregate("sessions", Sum{}, &Sum::add)
        .map_values([](const std::optional<Sum>& sum) -> std::optional<std::string> {
          if (!sum) return std::nullopt;
          return text_of(*sum);
        })
        .to(kOut);
    expect_told(*builder.build(), 1, events, expected, random);
  }
}

// ---- A global aggregate, told once per commit --------------------------------------------------

// How many changes there are depends on the commits; the last one does not.
TEST(UpdateModel, TheLastChangeOfAGlobalWindowIsItsResult) {
  const Topic<Windowed<NoKey>, std::int64_t> all{"all"};
  for (std::uint64_t seed = 1; seed <= kSeeds / 2 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto events = random_events(random, {.partitions = 3, .records = 10, .disorder_ms = 30});
    std::map<Timestamp, std::int64_t> expected;
    for (const Event& event : events) {
      const Timestamp start = event.time - event.time % 20;
      if (start + 20 > event.observed) ++expected[start];
    }
    Builder builder;
    builder.stream(kIn)
        .group_all()
        .windowed({.size = Duration{20}})
        .count("counts", Emit::on_update)
        .to(all);
    TestDriver driver(*builder.build(), {.partitions = 3, .commit_each = false});
    play(driver, kIn, mixed(random, events), random);
    std::map<Timestamp, std::int64_t> last;
    for (const auto& result : driver.read(all)) {
      std::int64_t& count = last[result.key.window.start];
      EXPECT_GT(result.value, count) << "a change that changes nothing";
      count = result.value;
    }
    EXPECT_EQ(last, expected);
  }
}

}  // namespace
}  // namespace weir::model::update_model_test
