// TestDriver with several processes: they share partitions, take over, and lose nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/testing.h>
#include <weir/weir.h>

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOther{"other"};
const Topic<std::string, std::int64_t> kOut{"out"};
const KeyValueStore<std::string, std::int64_t> kNumbers{"numbers"};

struct Numbered {
  using Out = Record<std::string, std::int64_t>;
  Store<std::string, std::int64_t>* numbers = nullptr;
  void init(Context<Out>& ctx) { numbers = &ctx.store(kNumbers); }
  void process(const Record<std::string, std::int64_t>& record, Context<Out>& ctx) {
    const std::int64_t number = numbers->get(record.key).value_or(0) + 1;
    numbers->put(record.key, number);
    ctx.forward(record.with_value(number));
  }
};

Topology numbering() {
  Builder builder;
  builder.stream(kIn).process("numbered", Numbered{}, {kNumbers}).to(kOut);
  return *builder.build();
}

std::vector<std::string> lines(TestDriver& driver) {
  std::vector<std::string> all;
  for (const auto& [key, value, time] : driver.read(kOut)) {
    all.push_back(key + std::to_string(value));
  }
  return all;
}

TEST(TestDriverInstances, GiveWhatOneWould) {
  TestDriver driver(numbering(), {.partitions = 3, .instances = 2});
  for (int partition = 0; partition < 3; ++partition) {
    driver.send(kIn, std::string(1, static_cast<char>('a' + partition)), 0, 1, partition);
    driver.send(kIn, std::string(1, static_cast<char>('a' + partition)), 0, 2, partition);
  }
  EXPECT_THAT(lines(driver), UnorderedElementsAre("a1", "a2", "b1", "b2", "c1", "c2"));
}

TEST(TestDriverInstances, TakeTheStateOfPartitionsThatMoveToThem) {
  TestDriver driver(numbering(), {.partitions = 2});
  driver.send(kIn, "a", 0, 1, 0);
  driver.send(kIn, "b", 0, 1, 1);
  const int second = driver.add_instance();
  driver.send(kIn, "a", 0, 2, 0);
  driver.send(kIn, "b", 0, 2, 1);
  driver.kill_instance(0);
  driver.send(kIn, "a", 0, 3, 0);
  driver.send(kIn, "b", 0, 3, 1);
  driver.add_instance();
  driver.kill_instance(second);
  driver.send(kIn, "b", 0, 4, 1);
  EXPECT_THAT(lines(driver), UnorderedElementsAre("a1", "a2", "a3", "b1", "b2", "b3", "b4"));
  EXPECT_EQ(driver.store(kNumbers, 1).get("b"), 4);
}

TEST(TestDriverInstances, RepeatsWhatAKilledOneHadNotCommitted) {
  TestDriver driver(numbering(), {.partitions = 2, .commit_each = false, .instances = 2});
  driver.send(kIn, "a", 0, 1, 0);
  driver.send(kIn, "b", 0, 1, 1);
  driver.commit();
  driver.send(kIn, "a", 0, 2, 0);
  driver.send(kIn, "b", 0, 2, 1);
  driver.kill_instance(1);
  driver.commit();
  EXPECT_THAT(lines(driver), UnorderedElementsAre("a1", "a2", "b1", "b2"));
}

TEST(TestDriverInstances, DrainLeavesOneToCloseTheLastWindows) {
  Builder builder;
  builder.stream(kIn)
      .group_by([](const std::int64_t& value) { return std::to_string(value % 2); })
      .windowed(Windows{.size = Duration{10}})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  TestDriver driver(*builder.build(), {.partitions = 2, .instances = 3});
  driver.send(kIn, "a", 1, 1, 0);
  driver.send(kIn, "b", 3, 2, 1);
  driver.drain();
  EXPECT_THAT(lines(driver), ElementsAre("12"));
}

TEST(TestDriverTopics, MayHavePartitionCountsOfTheirOwn) {
  Builder builder;
  const auto left = builder.stream(kIn).repartition("left", {.partitions = 2});
  const auto right = builder.stream(kOther).repartition("right", {.partitions = 2});
  left.join("pairs", right, [](const std::int64_t& l, const std::int64_t& r) { return l + r; },
            {.within = Duration{5}})
      .to(kOut);
  TestDriver driver(*builder.build(), {.partitions_of = {{"in", 1}, {"other", 3}}});
  driver.send(kIn, "k", 1, 10);
  driver.send(kOther, "k", 2, 12, 2);
  EXPECT_THAT(lines(driver), ElementsAre("k3"));
}

}  // namespace
}  // namespace weir
