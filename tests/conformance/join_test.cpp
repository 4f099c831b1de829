// Interval joins against Kafka Streams' own tests.
//
// Kafka Streams' join knows one time, the largest of both inputs; ours is by partition. Both are
// the same when both inputs come through one partition, so that is how the cases are fed.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "conformance/cases.h"
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::conformance {
namespace {

using Key = std::optional<std::string>;

const Topic<Key, std::string> kInput{"input"};  // "L" or "R", then the value.
const Topic<Key, std::string> kJoined{"joined"};

// Deviations, all for one reason: late records do not join. A record is late when its own time plus
// what the join looks ahead for its side plus grace is before the stream time. Kafka Streams looks
// for its partners all the same, and lets it come out alone when it finds none; here it is counted
// as late, and the results of these inputs are not there.
struct Late {
  const char* name;
  int first;
  int last;
};
constexpr Late kLate[] = {
    {"ssj_inner_window_bounds", 29, 48},          // Right at 899 to 903, time is 1104.
    {"ssj_inner_window_bounds", 73, 92},          // Left at 1899 to 1903, time is 2104.
    {"ssj_inner_asymmetric_after_only", 5, 20},   // Right at 999 to 1002, nothing ahead, 1003.
    {"ssj_inner_asymmetric_before_only", 5, 20},  // Right at 899 to 902, time is 1003.
    {"ssj_left_duplicates", 8, 8},                // Right at 315, time is 1001: no result anyway.
    {"ssj_left_window_bounds", 32, 52},           // Left at 899 to 903 and 1203, time is 1405.
    {"ssj_outer_window_bounds", 32, 52},          // Left at 899 to 903 and 1103, time is 1405.
};

struct Joiner {
  std::string between;
  std::string operator()(const std::string* left, const std::string* right) const {
    return (left ? *left : "null") + between + (right ? *right : "null");
  }
};

Topology topology_of(const Case& wanted) {
  ErrorPolicy errors;
  errors.record = OnError::drop;  // Null keys are counted and go.
  Builder builder(errors);
  const auto input = builder.stream(kInput);
  const auto side = [](char tag) {
    return [tag](const std::string& value) { return value.front() == tag; };
  };
  const auto untagged = [](const std::string& value) { return value.substr(1); };
  const auto [left_tagged, right_tagged, rest] = input.branch(side('L'), side('R'));
  const auto left = left_tagged.map_values(untagged);
  const auto right = right_tagged.map_values(untagged);
  JoinOptions options{.before = Duration{wanted.params.number("before_ms")},
                      .after = Duration{wanted.params.number("after_ms")},
                      .grace = Duration{wanted.params.number("grace_ms")}};
  if (wanted.operation.ends_with("left")) options.type = JoinType::left;
  if (wanted.operation.ends_with("outer")) options.type = JoinType::outer;
  const Joiner joiner{wanted.params.text("joiner") == "plus" ? "+" : "-"};
  const bool self = wanted.operation.ends_with("self");
  auto joined = left.join("join", self ? left : right, joiner, options);
  if (wanted.params.flag("chain_right_again"))
    joined = joined.join("again", right, joiner, options);
  joined.to(kJoined);
  Result<Topology> plan = builder.build();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return *plan;
}

std::vector<Line> run(const Case& wanted, TestDriver& driver) {
  std::vector<Line> lines;
  int fed = 0;
  for (const Input& input : wanted.inputs) {
    ++fed;
    if (!input.value) continue;  // Streams carry no nulls.
    const std::string tag = input.topic == "right" ? "R" : "L";
    driver.send(kInput, input.key, tag + *input.value, input.timestamp);
    for (const auto& result : driver.read(kJoined)) {
      Line line;
      line.key = result.key;
      line.value = result.value;
      line.timestamp = result.timestamp;
      line.by_input = fed;
      lines.push_back(line);
    }
  }
  return lines;
}

TEST(JoinConformance, AgreesWithKafkaStreams) {
  if (cases().empty()) GTEST_SKIP() << kNoCases;
  int compared = 0;
  for (const Case* original : cases_named("ssj_")) {
    if (original->params.flag("eager_outer")) continue;  // The old JoinWindows.of().
    Case wanted = *original;
    std::uint64_t late_records = 0;
    for (const Late& late : kLate) {
      if (wanted.name != late.name) continue;
      late_records += static_cast<std::uint64_t>(late.last - late.first + 1);
      std::erase_if(wanted.expected, [&](const Line& line) {
        return line.by_input >= late.first && line.by_input <= late.last;
      });
    }
    TestDriver driver(topology_of(wanted));
    EXPECT_EQ(difference(wanted, run(wanted, driver)), "") << wanted.name;
    EXPECT_EQ(driver.discarded("late"), late_records) << wanted.name;
    ++compared;
  }
  EXPECT_EQ(compared, 33);
}

}  // namespace
}  // namespace weir::conformance
