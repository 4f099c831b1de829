// Windows against a model that keeps every record: with panes and without, keyed and global.
#include <map>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/random_run.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::model::window_model_test {
namespace {

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<Windowed<std::string>, std::string> kOut{"out"};

struct Expected {
  std::vector<std::string> lines;  // By end of window and key.
  std::uint64_t late = 0;
};

// From the contract: a record is in every window that holds its time, but for those whose end plus
// grace its own partition had reached before it.
template <class A>
Expected model(const std::vector<Event>& events, const Windows& windows, bool global,
               std::string (*text)(const A&)) {
  const std::int64_t size = windows.size.count();
  const std::int64_t every = windows.every.count() > 0 ? windows.every.count() : size;
  std::map<std::tuple<Timestamp, std::string>, std::pair<A, Timestamp>> results;
  Expected expected;
  for (const Event& event : events) {
    bool counted = false;
    for (Timestamp start = 0; start <= event.time; start += every) {
      const Timestamp end = start + size;
      if (event.time >= end || end + windows.grace.count() <= event.observed) continue;
      counted = true;
      auto& [value, newest] = results[{end, global ? "" : event.key}];
      value.add(event.value);
      newest = std::max(newest, event.time);
    }
    if (!counted) ++expected.late;
  }
  for (const auto& [end_and_key, result] : results) {
    const auto& [end, key] = end_and_key;
    expected.lines.push_back(line(key, {end - size, end}, result.second, text(result.first)));
  }
  return expected;
}

std::string text_of(const Sum& sum) {
  return std::to_string(sum.sum) + " of " + std::to_string(sum.records);
}
std::string text_of_list(const Listed& listed) { return listed.values; }

enum class Kind { panes, direct, repartitioned, global };

Topology topology_of(const Windows& windows, Kind kind) {
  Builder builder;
  const auto in = builder.stream(kIn);
  const auto by_key = in.rekey([](const std::string& key, std::int64_t) { return key; });
  const auto sums = [](const auto& windowed) {
    windowed.aggregate("sums", Sum{}, &Sum::add).map_values(text_of).to(kOut);
  };
  switch (kind) {
    case Kind::panes:
      sums(in.group_by_key().windowed(windows));
      break;
    case Kind::direct:
      in.group_by_key()
          .windowed(windows)
          .aggregate("lists", Listed{}, &Listed::add)
          .map_values(text_of_list)
          .to(kOut);
      break;
    case Kind::repartitioned:
      sums(by_key.group_by_key().windowed(windows));
      break;
    case Kind::global:
      in.group_all()
          .windowed(windows)
          .aggregate("sums", Sum{}, &Sum::add)
          .map([](const Windowed<NoKey>& key, const Sum& sum) {
            return std::pair{Windowed<std::string>{"", key.window}, text_of(sum)};
          })
          .to(kOut);
      break;
  }
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return *plan;
}

Windows random_windows(Random& random) {
  constexpr std::pair<int, int> kShapes[] = {{20, 0},  {20, 5}, {20, 10},
                                             {15, 10}, {7, 1},  {30, 20}};
  const auto [size, every] = kShapes[pick(random, 0, 5)];
  return {
      .size = Duration{size}, .every = Duration{every}, .grace = Duration{pick(random, 0, 3) * 6}};
}

void run(std::uint64_t seed, Kind kind) {
  Random random(seed);
  const Windows windows = random_windows(random);
  const bool several = kind == Kind::repartitioned || kind == Kind::global;
  const Shape shape{.partitions = several ? 3 : 1, .records = several ? 12 : 30, .disorder_ms = 40};
  const std::vector<Event> events = random_events(random, shape);
  const Expected expected = kind == Kind::direct
                                ? model<Listed>(events, windows, false, text_of_list)
                                : model<Sum>(events, windows, kind == Kind::global, text_of);
  TestDriver driver(topology_of(windows, kind),
                    {.partitions = shape.partitions, .commit_each = false});
  play(driver, kIn, mixed(random, events), random);
  std::vector<std::string> lines;
  for (const auto& result : driver.read(kOut)) {
    lines.push_back(line(result.key.key, result.key.window, result.timestamp, result.value));
  }
  if (shape.partitions > 1) {  // The results lie in several partitions, each in order.
    EXPECT_THAT(lines, testing::UnorderedElementsAreArray(expected.lines));
  } else {
    EXPECT_THAT(lines, testing::ElementsAreArray(expected.lines));
  }
  EXPECT_EQ(driver.discarded("late"), expected.late);
}

void run_all(Kind kind, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    run(seed, kind);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(WindowModel, PanesGiveWhatTheContractSays) { run_all(Kind::panes, 1000); }
TEST(WindowModel, WindowsWithoutPanesKeepTheOrderOfRecords) { run_all(Kind::direct, 500); }
TEST(WindowModel, MixingPartitionsChangesNothing) { run_all(Kind::repartitioned, 500); }
TEST(WindowModel, TwoPhasesGiveWhatOneWould) { run_all(Kind::global, 1000); }

}  // namespace
}  // namespace weir::model::window_model_test
