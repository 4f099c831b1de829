#include "cli/plan_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using Use = Preview::Use;
using What = Preview::Store::What;

// "area what name" of each line; "*" before what is a change.
std::vector<std::string> told(const Preview& preview, const std::vector<SinkAhead>& sinks = {}) {
  std::vector<std::string> lines;
  for (const PlanLine& line : plan_lines(preview, sinks)) {
    lines.push_back((line.is_change ? "*" : "") + line.area + " " + line.what + " " + line.name);
  }
  return lines;
}

TEST(PlanLines, Topics) {
  Preview preview;
  preview.topics = {
      {.name = "in", .use = Use::source, .found = 2},
      {.name = "gone", .use = Use::source},
      {.name = "j-s-changelog", .use = Use::changelog, .wanted = 2, .settings = {{"a", "b"}}},
      {.name = "j-r-repartition",
       .use = Use::repartition,
       .found = 2,
       .differences = {{"retention.ms", "1", "-1"}}}};
  preview.unused_topics = {"j-old-changelog"};
  EXPECT_EQ(told(preview),
            (std::vector<std::string>{
                "topics keep in", "*topics missing gone", "*topics make j-s-changelog",
                "*topics differs j-r-repartition", "topics unused j-old-changelog"}));
  EXPECT_EQ(plan_lines(preview, {})[2].text, "changelog, 2 partitions, a=b");
}

TEST(PlanLines, State) {
  Preview preview;
  preview.stores = {{.name = "a", .what = What::fresh},
                    {.name = "b", .what = What::kept, .tasks = 3, .tasks_here = 2},
                    {.name = "c", .what = What::restored, .changelog_records = 1200},
                    {.name = "d", .what = What::unfit},
                    {.name = "e", .what = What::gone},
                    {.name = "f", .what = What::unknown, .why = "no right"}};
  EXPECT_EQ(told(preview),
            (std::vector<std::string>{"*state new a", "state kept b", "state restored c",
                                      "*state unfit d", "*state gone e", "*state unknown f"}));
  EXPECT_THAT(plan_lines(preview, {})[2].text, HasSubstr("1,200 changelog records"));
}

TEST(PlanLines, Input) {
  Preview preview;
  preview.inputs = {
      {.topic = "a", .partition = 0, .committed = 5, .first = 0, .end = 8, .start = 5},
      {.topic = "a", .partition = 1, .first = 2, .end = 9, .start = 2},
      {.topic = "b", .partition = 0, .committed = 5, .first = 7, .end = 8, .start = 5},
      {.topic = "c", .partition = 0, .first = 0, .end = 8, .start = 8}};
  const auto lines = plan_lines(preview, {});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].text, "1 partition, 3 records behind");
  EXPECT_FALSE(lines[0].is_change);
  EXPECT_EQ(lines[1].text, "1 partition at the first record, 7 records to read");
  EXPECT_TRUE(lines[1].is_change);
  EXPECT_EQ(lines[3].text, "2 records were deleted before the job read them");
  EXPECT_EQ(lines[4].text, "1 partition at the end, 0 records to read");
}

TEST(PlanLines, Output) {
  Preview preview;
  preview.topics = {{.name = "out", .use = Use::result, .found = 1}};
  using Is = SinkLook::Is;
  EXPECT_EQ(told(preview, {{"postgres", "t", {Is::ready, ""}},
                           {"postgres", "u", {Is::missing, ""}},
                           {"mongodb", "v", {Is::unreachable, "away"}},
                           {"mongodb", "w", {Is::refused, "no right"}}}),
            (std::vector<std::string>{"topics keep out", "output write out", "output write t",
                                      "*output make u", "output wait v", "*output refused w"}));
}

TEST(PlanLines, ANothingThatChangesIsNoChange) {
  Preview preview;
  preview.ran_before = true;
  preview.topics = {{.name = "in", .use = Use::source, .found = 2}};
  const auto lines = plan_lines(preview, {});
  EXPECT_FALSE(has_change(lines));
  EXPECT_EQ(plan_text("j", preview, lines),
            "j   has run before, does not run now\n"
            "  topics  keep     in   source, 2 partitions\n");
  EXPECT_EQ(plan_json("j", preview, lines, 0),
            "{\"job\":\"j\",\"code\":0,\"changes\":false,\"ran_before\":true,\"instances\":0,"
            "\"refusal\":null,\"lines\":[{\"area\":\"topics\",\"what\":\"keep\",\"name\":\"in\","
            "\"text\":\"source, 2 partitions\",\"change\":false}]}\n");
}

}  // namespace
}  // namespace weir::cli
