#include "generate/generator.h"

#include <gmock/gmock.h>

#include "generate/builtin.h"

namespace weir::generate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A plan with its text, which it refers to.
struct Written {
  explicit Written(std::string text) : source("g.yaml", std::move(text)), found(source) {
    job::Outside outside;
    outside.environment = [](const std::string& name) -> std::optional<std::string> {
      if (name == "THERE") return "there";
      return std::nullopt;
    };
    plan = read_plan(found, outside);
  }

  std::vector<Made> made(int count, bool faults = true) {
    Generator generator(*plan, {.start = 1'000'000, .faults = faults});
    std::vector<Made> all;
    for (int i = 0; i < count; ++i) all.push_back(generator.next());
    return all;
  }

  job::Source source;
  job::Diagnostics found;
  std::optional<Plan> plan;
};

const std::string kHead = "weir: 1\ngenerate: g\nrate: 10/s\nstreams:\n";

TEST(Generator, SpacesRecordsByTheRate) {
  Written text(kHead + "  a: {topic: t, key: id, fields: {id: \"seq('a-', 3)\", n: count()}}\n");
  const std::vector<Made> made = text.made(3);
  EXPECT_EQ(made[0].value, R"({"id":"a-001","n":1})");
  EXPECT_EQ(made[2].value, R"({"id":"a-003","n":3})");
  EXPECT_EQ(made[2].key, "a-003");
  EXPECT_EQ(made[2].due_ms, 200);
  EXPECT_EQ(made[2].time, 1'000'200);
}

TEST(Generator, FollowersComeAfterTheirLeaders) {
  Written text(kHead +
               "  a: {topic: t, fields: {id: \"seq('a')\"}}\n"
               "  b: {topic: u, follows: a, after: 150ms..150ms, fields: {of: a.id}}\n");
  std::vector<std::string> order;
  for (const Made& made : text.made(5)) order.push_back(std::to_string(made.due_ms) + made.value);
  EXPECT_THAT(order, ElementsAre("0{\"id\":\"a1\"}", "100{\"id\":\"a2\"}", "150{\"of\":\"a1\"}",
                                 "200{\"id\":\"a3\"}", "250{\"of\":\"a2\"}"));
}

TEST(Generator, KnowsHowManyFollowersAreStillToCome) {
  Written text(kHead +
               "  a: {topic: t, fields: {id: \"seq('a')\"}}\n"
               "  b: {topic: u, follows: a, after: 150ms..150ms, fields: {of: a.id}}\n");
  Generator generator(*text.plan, {.start = 0, .faults = true});
  std::vector<std::int64_t> waiting;
  for (int i = 0; i < 4; ++i) {
    generator.next();
    waiting.push_back(generator.waiting(1));
  }
  EXPECT_THAT(waiting, ElementsAre(1, 2, 1, 2));
  EXPECT_EQ(generator.waiting(0), 0);
}

TEST(Generator, FaultsAreWhatTheyAreCalled) {
  Written text(
      kHead +
      "  a:\n    topic: t\n    fields: {id: \"seq('a')\"}\n    faults:\n"
      "      duplicate: {share: 20%, after: 1s..2s}\n      malformed: {share: 20%}\n"
      "      out_of_order: {share: 20%, by: 1s..2s}\n      late: {share: 20%, by: 1m..2m}\n");
  std::map<Mark, int> counts;
  for (const Made& made : text.made(2000)) {
    ++counts[made.mark];
    const std::int64_t back = 1'000'000 + made.due_ms - made.time;
    if (made.mark == Mark::good || made.mark == Mark::duplicate) {
      EXPECT_EQ(back, 0);
    }
    if (made.mark == Mark::late) {
      EXPECT_TRUE(back >= 60'000 && back <= 120'000);
    }
    if (made.mark == Mark::out_of_order) {
      EXPECT_TRUE(back >= 1000 && back <= 2000);
    }
    EXPECT_EQ(made.value.ends_with("}"), made.mark != Mark::malformed);
  }
  for (const Mark mark : {Mark::duplicate, Mark::malformed, Mark::out_of_order, Mark::late}) {
    EXPECT_GT(counts[mark], 150);
  }
  for (const Made& made : text.made(200, false)) EXPECT_EQ(made.mark, Mark::good);
}

TEST(Generator, EveryBuiltinRunsAndRepeats) {
  ASSERT_EQ(builtins().size(), 6U);
  for (const Builtin& builtin : builtins()) {
    Written one{std::string(builtin.yaml)};
    Written other{std::string(builtin.yaml)};
    ASSERT_TRUE(one.plan && other.plan) << builtin.name;
    const std::vector<Made> made = one.made(500);
    const std::vector<Made> again = other.made(500);
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_EQ(made[i].value, again[i].value);
  }
}

TEST(Generator, TopicsComeFromOutside) {
  Written text(kHead +
               "  a: {topic: \"${THERE:-x}\", fields: {id: uuid()}}\n"
               "  b: {topic: \"${NOT:-y}\", fields: {id: uuid()}}\n");
  EXPECT_EQ(text.plan->streams[0].topic, "there");
  EXPECT_EQ(text.plan->streams[1].topic, "y");
}

TEST(Generator, MistakesHavePlacesAndHints) {
  const auto first = [](const std::string& text) {
    Written written(text);
    EXPECT_FALSE(written.plan);
    const auto& all = written.found.all();
    if (all.empty()) return std::string();
    return std::to_string(all[0].line) + " " + all[0].text + " " + all[0].hint;
  };
  EXPECT_THAT(first(kHead + "  a: {topic: t, fields: {}, feilds: {}}\n"),
              HasSubstr("5 there is no key"));
  EXPECT_THAT(first(kHead + "  a: {topic: t, fields: {x: zeq('a')}}\n"), HasSubstr("'seq'"));
  EXPECT_THAT(first(kHead + "  a: {topic: t, fields: {x: y}}\n"), HasSubstr("no field 'y'"));
  EXPECT_THAT(first(kHead + "  a: {topic: t, fields: {x: seq()}}\n"), HasSubstr("seq('o-', 6)"));
  EXPECT_THAT(first(kHead + "  a: {topic: t, key: k, fields: {x: uuid()}}\n"), HasSubstr("'k'"));
  EXPECT_THAT(first(kHead + "  a: {topic: t, follows: b, fields: {}}\n"), HasSubstr("'b'"));
  EXPECT_THAT(first("weir: 1\ngenerate: g\n"), HasSubstr("needs 'streams'"));
}

}  // namespace
}  // namespace weir::generate
