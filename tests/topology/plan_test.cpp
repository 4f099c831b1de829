// What build() refuses: every rule of a plan, with names and with what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/stream.h>
#include <weir/topology.h>

namespace weir::plan_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

using Number = std::int64_t;
const Topic<std::string, Number> kIn{"in"};
const Topic<std::string, Number> kOut{"out"};

class Nothing final : public Stage {
 public:
  void* input(int, std::type_index) override { return nullptr; }
  bool connect(int, Stage&, int) override { return false; }
};

StageSpec spec(std::string kind, std::string name, Role role, std::string topic = {}) {
  StageSpec stage{.kind = std::move(kind), .name = std::move(name)};
  stage.role = role;
  stage.topic = std::move(topic);
  stage.make = [] { return std::make_unique<Nothing>(); };
  return stage;
}
StageSpec source() { return spec("source", "in", Role::source, "in"); }
StageSpec sink(std::string topic) {
  StageSpec stage = spec("sink", "to " + topic, Role::sink, topic);
  stage.inputs = {{0, 0, 0}};
  return stage;
}
StageSpec filter(std::string name) {
  StageSpec stage = spec("filter", std::move(name), Role::inner);
  stage.inputs = {{0, 0, 0}};
  return stage;
}
StageSpec repartition(std::string name, std::string topic) {
  StageSpec stage = spec("repartition", std::move(name), Role::repartition_write, std::move(topic));
  stage.inputs = {{0, 0, 0}};
  return stage;
}

// What is wrong with stages, or nothing.
std::string refusal(std::vector<StageSpec> stages, ErrorPolicy errors = {}) {
  const Result<Topology> made = Topology::make(std::move(stages), std::move(errors));
  return made ? "" : made.error().text;
}

TEST(Plan, OfASourceAndASinkIsFine) { EXPECT_EQ(refusal({source(), sink("out")}), ""); }

TEST(Plan, NamesItsOperatorsApart) {
  EXPECT_THAT(refusal({source(), filter("big"), filter("big")}),
              HasSubstr("two operators are named 'big' (filter and filter)"));
}

TEST(Plan, NamesItsStoresApart) {
  StageSpec one = filter("one"), two = filter("two");
  one.stores = two.stores = {{"counts", "key_value", Duration{}}};
  EXPECT_THAT(
      refusal({source(), one, two}),
      HasSubstr("the store 'counts' belongs to both 'one' and 'two': a store has one owner"));
}

TEST(Plan, NamesStoresAsKafkaNamesTopics) {
  for (const std::string& bad :
       {std::string("a b"), std::string(), std::string("."), std::string(".."),
        std::string("\xc3\xa4"), std::string("a/b"), std::string(201, 'a')}) {
    StageSpec stage = filter("one");
    stage.stores = {{bad, "key_value", Duration{}}};
    EXPECT_THAT(refusal({source(), stage}),
                HasSubstr("'" + bad + "' (filter) cannot name a store"));
  }
  StageSpec stage = filter("one");
  stage.stores = {{"Az09._-" + std::string(193, 'a'), "key_value", Duration{}}};
  EXPECT_EQ(refusal({source(), stage}), "");
}

TEST(Plan, NamesRepartitionTopicsAsKafkaDoesAndApart) {
  EXPECT_THAT(refusal({source(), repartition("r", "by key")}),
              HasSubstr("'by key' cannot name a repartition topic"));
  EXPECT_THAT(refusal({source(), repartition("r", "by-key"), repartition("s", "by-key")}),
              HasSubstr("two repartitions are named 'by-key': rename one"));
}

TEST(Plan, ReadsATopicThatHasAName) {
  EXPECT_THAT(refusal({}), HasSubstr("reads no topic: start with builder.stream(topic)"));
  EXPECT_THAT(refusal({spec("source", "in", Role::source)}),
              HasSubstr("'in' reads a topic without a name"));
}

TEST(Plan, WritesTopicsThatItDoesNotRead) {
  EXPECT_THAT(refusal({source(), sink("no name")}),
              HasSubstr("'no name' is not the name of a topic"));
  EXPECT_THAT(refusal({source(), sink("in")}),
              HasSubstr("'in' is read and written by the same topology"));
  EXPECT_THAT(refusal({source(), sink("out")}, {.dead_letters = "in"}),
              HasSubstr("dead letters would go to 'in', which the topology reads"));
}

TEST(Plan, GoesOneWay) {
  StageSpec back = filter("back");
  back.inputs = {{2, 0, 0}};
  EXPECT_THAT(refusal({source(), back, filter("later")}),
              HasSubstr("'back' reads a stage that comes after it"));
  back.inputs = {{1, 0, 0}};
  EXPECT_THAT(refusal({source(), back}), HasSubstr("'back' reads a stage that comes after it"));
  back.inputs = {{-1, 0, 0}};
  EXPECT_THAT(refusal({source(), back}), HasSubstr("'back' reads a stage that comes after it"));
}

TEST(Plan, HasInputsEverywhereButAtSources) {
  StageSpec fed = spec("source", "fed", Role::source, "other");
  fed.inputs = {{0, 0, 0}};
  EXPECT_THAT(refusal({source(), fed}),
              HasSubstr("'fed' (source) is a source and cannot have inputs"));
  StageSpec starving = filter("starving");
  starving.inputs.clear();
  EXPECT_THAT(refusal({source(), starving}), HasSubstr("'starving' (filter) has no input"));
}

TEST(Plan, CanBeMade) {
  StageSpec stage = filter("empty");
  stage.make = nullptr;
  EXPECT_THAT(refusal({source(), stage}), HasSubstr("'empty' (filter) cannot be made"));
}

TEST(Plan, TellsAllThatIsWrongAtOnce) {
  EXPECT_THAT(refusal({source(), sink("in"), filter("a"), filter("a")}),
              AllOf(HasSubstr("two operators"), HasSubstr("\n"), HasSubstr("feed itself")));
}

// ---- Through the DSL ---------------------------------------------------------------------------

std::string refusal(Builder& builder) {
  const Result<Topology> made = builder.build();
  return made ? "" : made.error().text;
}

TEST(Build, RefusesATopicOfTwoTypes) {
  const Topic<std::string, std::string> text{"in"};
  Builder builder;
  builder.stream(kIn).to(kOut);
  builder.stream(text).for_each([](const std::string&) {});
  EXPECT_THAT(refusal(builder), HasSubstr("the topic 'in' is read with two different types"));
}

TEST(Build, RefusesFewerPartitionsThanNone) {
  Builder builder;
  builder.stream(kIn).repartition("spread", {.partitions = -1}).to(kOut);
  EXPECT_THAT(refusal(builder), HasSubstr("'spread': partitions cannot be negative"));
}

TEST(Build, RefusesAnOuterJoinOfValuesThatMayBeMissing) {
  Builder builder;
  const auto sum = [](Number l, Number r) { return l + r; };
  const Topic<std::string, Number> other{"other"};
  builder.stream(kIn)
      .join("pairs", builder.stream(other), sum, {.within = 1s, .type = JoinType::left})
      .to(kOut);
  EXPECT_THAT(refusal(builder),
              HasSubstr("'pairs': in a left or outer join a side may be missing"));
}

TEST(Build, RefusesTwoOperatorsOfOneName) {
  Builder builder;
  const auto same = [](Number n) { return n; };
  builder.stream(kIn)
      .deduplicate("first", same, {.within = 1s})
      .deduplicate("first", same, {.within = 1s})
      .to(kOut);
  EXPECT_THAT(refusal(builder), AllOf(HasSubstr("two operators are named 'first'"),
                                      HasSubstr("the store 'first' belongs to both")));
}

TEST(Build, RefusesADeduplicateThatRemembersNothing) {
  Builder builder;
  builder.stream(kIn).deduplicate("first", [](Number n) { return n; }, {}).to(kOut);
  EXPECT_THAT(refusal(builder), HasSubstr("'first': 'within' must be above zero"));
}

TEST(Build, RefusesAMatchWithoutALimit) {
  Builder builder;
  const Topic<std::string, Number> other{"other"};
  builder.stream(kIn).match_once("paid", builder.stream(other), [](Number n) { return n; }, {});
  EXPECT_THAT(refusal(builder), HasSubstr("'paid': 'within' must be above zero"));
}

}  // namespace
}  // namespace weir::plan_test
