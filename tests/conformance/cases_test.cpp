#include "conformance/cases.h"

#include <gtest/gtest.h>

namespace weir::conformance {
namespace {

Line line(const char* key, const char* value, Timestamp at, int by) {
  Line made;
  made.key = key;
  made.value = value;
  made.timestamp = at;
  made.by_input = by;
  return made;
}

Case one(const char* mode) {
  Case made;
  made.compare = mode;
  made.inputs.resize(3);
  made.checkpoints = {1, 3};
  made.expected = {line("a", "1", 10, 1), line("b", "2", 20, 3), line("a", "3", 30, 3)};
  return made;
}

TEST(Cases, AreAllThere) {
  if (cases().empty()) GTEST_SKIP() << kNoCases;
  EXPECT_EQ(cases().size(), 137u);
  EXPECT_EQ(cases_named("ssj_").size(), 36u);
  const Case& first = *cases_named("ssj_inner_basic").at(0);
  EXPECT_EQ(first.operation, "stream_stream_inner");
  EXPECT_EQ(first.params.number("before_ms"), 100);
  EXPECT_EQ(first.params.number("missing", 7), 7);
  EXPECT_FALSE(first.params.flag("eager_outer"));
  EXPECT_EQ(first.checkpoints.front(), 2);
  ASSERT_EQ(first.inputs.size(), 18u);
  EXPECT_EQ(first.inputs[1].topic, "left");
  EXPECT_EQ(first.inputs[1].key, "1");
  EXPECT_EQ(first.inputs[1].value, "A1");
  EXPECT_EQ(to_string(first.expected.at(0)), "0=A0+a0@0 by 4");
  const Case& hop = *cases_named("hop_basic_update").at(0);
  EXPECT_EQ(hop.params.object("window").number("size_ms"), 10);
  EXPECT_EQ(hop.params.object("window").text("type"), "hopping");
  EXPECT_EQ(to_string(hop.expected.at(0)), "A[0,10]=0+1@0 by 18");
}

TEST(Cases, ExactComparesInOrderAtEachCheckpoint) {
  const Case wanted = one("exact");
  EXPECT_EQ(
      difference(wanted, {line("a", "1", 10, 1), line("b", "2", 20, 2), line("a", "3", 30, 3)}),
      "");
  EXPECT_NE(
      difference(wanted, {line("a", "1", 10, 1), line("a", "3", 30, 2), line("b", "2", 20, 3)}),
      "");
  EXPECT_NE(
      difference(wanted, {line("a", "1", 10, 2), line("b", "2", 20, 2), line("a", "3", 30, 3)}),
      "");
  EXPECT_NE(difference(wanted, {line("a", "1", 10, 1), line("b", "2", 20, 2)}), "");
}

TEST(Cases, OtherModesForgiveWhatTheySay) {
  const std::vector<Line> shuffled = {line("a", "3", 30, 3), line("b", "2", 20, 3),
                                      line("a", "1", 10, 3)};
  EXPECT_EQ(difference(one("unordered"), shuffled), "");
  EXPECT_EQ(difference(one("dropped_only"), {}), "");
  EXPECT_EQ(difference(one("last_per_window"), {line("b", "2", 20, 3), line("a", "3", 30, 3)}), "");
  EXPECT_NE(difference(one("last_per_window"), shuffled), "");
  EXPECT_EQ(difference(one("sorted_by_key_then_window_start"),
                       {line("b", "2", 20, 3), line("a", "1", 10, 3), line("a", "3", 30, 3)}),
            "");
  std::vector<Line> twice = shuffled;
  twice.push_back(twice.front());
  EXPECT_EQ(difference(one("per_window_set"), twice), "");
  EXPECT_NE(difference(one("unordered"), twice), "");
  EXPECT_NE(difference(one("anything"), shuffled), "");
}

}  // namespace
}  // namespace weir::conformance
