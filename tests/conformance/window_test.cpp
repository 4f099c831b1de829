// Windows, sessions and per-event windows against Kafka Streams' own tests.
#include <string>

#include <gtest/gtest.h>

#include "conformance/cases.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::conformance::window_test {
namespace {

using Key = Windowed<std::string>;
using Text = std::string;
using Maybe = std::optional<std::string>;

const Topic<Text, Text> kInput{"input"};
const Topic<Key, Text> kResults{"results"};
const Topic<Key, Maybe> kUpdates{"updates"};

// The aggregators of the upstream tests. Joined adds up from "0" or nothing and cannot be merged;
// Merged is what sessions need.
struct Joined {
  Text text;
  void add(const Text& value) { text += "+" + value; }
  void write(std::string& out) const { StateSerde<Text>::write(text, out); }
  bool read(std::string_view& in) { return StateSerde<Text>::read(in, text); }
};
struct Merged : Joined {
  void merge(const Merged& other) { text += "+" + other.text; }
};
constexpr auto kReduce = [](Text& sum, const Text& value) { sum += "+" + value; };

Text text_of(std::int64_t count) { return std::to_string(count); }
template <class T>
Maybe text_of(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  if constexpr (std::same_as<T, std::int64_t>) {
    return text_of(*value);
  } else if constexpr (std::same_as<T, Text>) {
    return *value;
  } else {
    return value->text;
  }
}

template <class W>
void aggregate(const WindowedBy<Text, Text, W, false>& windowed, const Text& aggregation, Emit emit,
               const Text& name) {
  if (aggregation == "count") {
    windowed.count(name, emit).map_values([](std::int64_t n) { return text_of(n); }).to(kResults);
  } else if (aggregation == "reduce_plus") {
    windowed.reduce(name, kReduce, emit).to(kResults);
  } else {
    const Merged initial{{aggregation == "concat_plus_init0" ? "0" : ""}};
    const auto text = [](const Joined& joined) { return joined.text; };
    if constexpr (std::same_as<W, Session>) {
      windowed.aggregate(name, initial, &Joined::add, emit).map_values(text).to(kResults);
    } else {
      const Joined plain = initial;
      windowed.aggregate(name, plain, &Joined::add, emit).map_values(text).to(kResults);
    }
  }
}

void update(const SessionUpdates<Text, Text, false>& sessions, const Text& aggregation,
            const Text& name) {
  const auto text = [](const auto& value) { return text_of(value); };
  if (aggregation == "count") {
    sessions.count(name).map_values(text).to(kUpdates);
  } else if (aggregation == "reduce_plus") {
    sessions.reduce(name, kReduce).map_values(text).to(kUpdates);
  } else {
    sessions.aggregate(name, Merged{{"0"}}, &Joined::add).map_values(text).to(kUpdates);
  }
}

template <class W>
void add_window(const Stream<Text, Text>& input, const Case& wanted, W windows, bool final) {
  const Text aggregation = wanted.params.text("aggregation");
  const auto windowed = input.group_by_key().windowed(windows);
  const Text name = final ? "final" : "update";
  if constexpr (std::same_as<W, Session>) {
    if (!final) return update(windowed.updates(), aggregation, name);
  }
  aggregate(windowed, aggregation, final ? Emit::on_close : Emit::on_update, name);
}

// The plan of a case; of both kinds of results where the case asks for both.
Topology topology_of(const Case& wanted, bool final) {
  Builder builder;
  const auto input = builder.stream(kInput);
  const Params window = wanted.params.object("window");
  const Duration grace{window.number("grace_ms")};
  const Text type = window.text("type");
  if (type == "session") {
    add_window(input, wanted, Session{Duration{window.number("inactivity_gap_ms")}, grace}, final);
  } else if (type == "sliding") {
    add_window(input, wanted, PerEvent{Duration{window.number("time_difference_ms")}, grace},
               final);
  } else {
    add_window(input, wanted,
               Windows{.size = Duration{window.number("size_ms")},
                       .every = Duration{window.number("advance_ms")},
                       .grace = grace},
               final);
  }
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return *plan;
}

template <class V>
void read_lines(TestDriver& driver, const Topic<Key, V>& topic, Line line,
                std::vector<Line>& lines) {
  for (const OwnedRecord<Key, V>& result : driver.read(topic)) {
    line.key = result.key.key;
    line.value = result.value;
    line.timestamp = result.timestamp;
    line.window_start = result.key.window.start;
    line.window_end = result.key.window.end;
    lines.push_back(line);
  }
}

struct Run {
  std::vector<Line> lines;
  std::uint64_t late = 0;
};

Run run(const Case& wanted, bool final, const Text& topic) {
  Run run;
  TestDriver driver(topology_of(wanted, final));
  Line line;
  line.topic = topic;
  for (const Input& input : wanted.inputs) {
    driver.send(kInput, *input.key, *input.value, input.timestamp);
    ++line.by_input;
    read_lines(driver, kResults, line, run.lines);
    read_lines(driver, kUpdates, line, run.lines);
    for (const int restart : wanted.params.numbers("restart_after_inputs")) {
      if (restart == line.by_input) driver.crash();
    }
  }
  run.late = driver.discarded("late");
  return run;
}

Run run(const Case& wanted) {
  if (!wanted.name.starts_with("suppress_")) {
    return run(wanted, wanted.params.text("emit") == "final", "");
  }
  Run both = run(wanted, false, "output-raw");
  const Run final = run(wanted, true, "output-suppressed");
  both.lines.insert(both.lines.end(), final.lines.begin(), final.lines.end());
  return both;
}

// Where weir differs on purpose, each with its reason.

// Kafka Streams counts one drop for each window that a record is late for; weir counts a record
// once, and only when it is late for all of them.
struct CountedOnce {
  const char* name;
  std::uint64_t late;
};
constexpr CountedOnce kCountedOnce[] = {
    // 0 to 4 are in [0, 10) alone; 5 and 6 are in time for [5, 15).
    {"hop_late_records_dropped_update", 5},
    {"hop_late_records_dropped_final", 5},
};

// The wall clock has no part in logic: windows close when stream time says so, not a second later.
constexpr const char* kNotThrottled = "hop_emit_interval_1s_final";
const std::vector<Line> kWithoutThrottling = {
    {"", "A", "0+1+1", 5, 0, 10, 4}, {"", "A", "0+1", 5, 5, 15, 5},
    {"", "B", "0+2", 10, 5, 15, 5},  {"", "B", "0+2", 10, 10, 20, 6},
    {"", "C", "0+3", 15, 10, 20, 6}, {"", "C", "0+3", 15, 15, 25, 6},
    {"", "D", "0+4", 20, 15, 25, 6}, {"", "D", "0+4", 20, 20, 30, 6},
};

// Results do not depend on a cache, so updates come at once. What the cache would have left of
// them: the last result of each window that was not taken back.
std::vector<Line> left_by_cache(const std::vector<Line>& updates) {
  std::vector<Line> left;
  for (const Line& line : updates) {
    std::erase_if(left, [&](const Line& old) {
      return old.key == line.key && old.window_start == line.window_start;
    });
    if (line.value) left.push_back(line);
  }
  return left;
}

Case without_deviations(Case wanted) {
  if (wanted.name == kNotThrottled) wanted.expected = kWithoutThrottling;
  if (wanted.params.text("cache_flush") == "at_end") wanted.compare = "unordered";
  return wanted;
}

std::uint64_t late_in(const Case& wanted) {
  for (const CountedOnce& once : kCountedOnce) {
    if (wanted.name == once.name) return once.late;
  }
  return static_cast<std::uint64_t>(wanted.params.number("dropped_records"));
}

void expect_agreement(const char* group, int cases_in_group) {
  if (cases().empty()) GTEST_SKIP() << kNoCases;
  const std::vector<const Case*> group_cases = cases_named(group);
  EXPECT_EQ(group_cases.size(), static_cast<std::size_t>(cases_in_group));
  for (const Case* original : group_cases) {
    SCOPED_TRACE(original->name);
    Run ours = run(*original);
    const Case wanted = without_deviations(*original);
    if (wanted.params.text("cache_flush") == "at_end") ours.lines = left_by_cache(ours.lines);
    EXPECT_EQ(difference(wanted, ours.lines), "");
    if (wanted.params.has("dropped_records")) {
      EXPECT_EQ(ours.late, late_in(wanted));
    }
  }
}

TEST(WindowConformance, SteppingWindows) { expect_agreement("hop_", 12); }
TEST(WindowConformance, TumblingWindows) { expect_agreement("tumble_", 7); }
TEST(WindowConformance, PerEventWindows) { expect_agreement("slide_", 23); }
TEST(WindowConformance, Sessions) { expect_agreement("session_", 14); }
TEST(WindowConformance, FinalResultsOfSuppress) { expect_agreement("suppress_final_", 4); }

}  // namespace
}  // namespace weir::conformance::window_test
