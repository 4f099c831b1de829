// Sessions against a model that keeps every record and merges lists of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::model::session_model_test {
namespace {

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<Windowed<std::string>, std::string> kOut{"out"};

std::string text_of(const Sum& sum) {
  return std::to_string(sum.sum) + " of " + std::to_string(sum.records);
}

struct Span {
  std::string key;
  Window window;
  Sum sum;
};

struct Expected {
  std::vector<std::string> lines;
  std::uint64_t late = 0;
};

// Kafka Streams' rule, for the records of one partition in their order: a record takes every open
// session at most a gap away; when there is none it begins one, unless that would be closed.
Expected model(const std::vector<Event>& events, const Session& windows) {
  const std::int64_t gap = windows.gap.count();
  const std::int64_t wait = gap + windows.grace.count();
  std::vector<Span> spans;
  Expected expected;
  for (const Event& event : events) {
    const auto closed = [&](Timestamp end) {
      return event.observed != kNoTime && end + wait < std::max(event.observed, event.time);
    };
    Span fresh{event.key, {event.time, event.time}, {event.value, 1}};
    bool touches = false;
    for (std::size_t at = 0; at < spans.size();) {
      const Span& span = spans[at];
      const bool near = span.key == event.key && span.window.end >= event.time - gap &&
                        span.window.start <= event.time + gap;
      if (!near || closed(span.window.end)) {
        ++at;
        continue;
      }
      touches = true;
      fresh.window.start = std::min(fresh.window.start, span.window.start);
      fresh.window.end = std::max(fresh.window.end, span.window.end);
      fresh.sum.merge(span.sum);
      spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (!touches && closed(event.time)) {
      ++expected.late;
    } else {
      spans.push_back(fresh);
    }
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::tie(a.window.end, a.key) < std::tie(b.window.end, b.key);
  });
  for (const Span& span : spans) {
    expected.lines.push_back(line(span.key, span.window, span.window.end, span.sum));
  }
  return expected;
}

// Records that are never late: gaps alone decide.
Expected model_in_time(std::vector<Event> events, const Session& windows) {
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time < b.time; });
  for (Event& event : events) event.observed = kNoTime;
  return model(events, windows);
}

std::vector<std::string> lines_of(const Topology& plan, const std::vector<Event>& events,
                                  int partitions, Random& random, std::uint64_t& late) {
  TestDriver driver(plan, {.partitions = partitions, .commit_each = false});
  play(driver, kIn, events, random);
  std::vector<std::string> lines;
  for (const auto& result : driver.read(kOut)) {
    lines.push_back(line(result.key.key, result.key.window, result.timestamp, result.value));
  }
  late = driver.discarded("late");
  return lines;
}

Topology topology_of(const Session& windows, bool repartitioned) {
  Builder builder;
  const auto in = builder.stream(kIn);
  const auto rekeyed = in.rekey([](const std::string& key, std::int64_t) { return key; });
  (repartitioned ? rekeyed : in)
      .group_by_key()
      .windowed(windows)
      .aggregate("sessions", Sum{}, &Sum::add)
      .map_values(text_of)
      .to(kOut);
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return *plan;
}

TEST(SessionModel, OnePartitionGivesWhatKafkaStreamsWould) {
  for (std::uint64_t seed = 1; seed <= 1500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Session windows{Duration{pick(random, 1, 25)}, Duration{pick(random, 0, 3) * 5}};
    const auto events = random_events(random, {.disorder_ms = pick(random, 0, 80)});
    const Expected expected = model(events, windows);
    std::uint64_t late = 0;
    EXPECT_THAT(lines_of(topology_of(windows, false), events, 1, random, late),
                testing::ElementsAreArray(expected.lines));
    EXPECT_EQ(late, expected.late);
  }
}

TEST(SessionModel, MixingPartitionsChangesNothingWhileDisorderIsWithinGrace) {
  for (std::uint64_t seed = 1; seed <= 600 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Session windows{Duration{pick(random, 1, 25)}, Duration{20}};
    const auto events = random_events(random, {.partitions = 3, .records = 12, .disorder_ms = 20});
    const Expected expected = model_in_time(events, windows);
    std::uint64_t late = 0;
    EXPECT_THAT(lines_of(topology_of(windows, true), mixed(random, events), 3, random, late),
                testing::UnorderedElementsAreArray(expected.lines));
    EXPECT_EQ(late, 0u);
  }
}

}  // namespace
}  // namespace weir::model::session_model_test
