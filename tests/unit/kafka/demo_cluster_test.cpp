#include "kafka/demo_cluster.h"

#include <chrono>

#include <gmock/gmock.h>

namespace weir::kafka {
namespace {

using ::testing::ElementsAre;

constexpr Duration kWait{5'000};

bool until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

TEST(DemoCluster, CarriesRecordsFromAProducerToAGroup) {
  auto made = make_demo_cluster({});
  ASSERT_TRUE(made.ok()) << made.outcome.text;
  DemoCluster& demo = *made.value;
  EXPECT_FALSE(demo.brokers().empty());
  auto admin = std::move(demo.admin().value);
  const std::vector<TopicSpec> specs = {
      {.name = "orders", .partitions = 2, .configs = {{"retention.ms", "-1"}}}};
  const auto created = admin->create_topics(specs);
  ASSERT_TRUE(created.ok() && created.value.at(0).ok());
  EXPECT_EQ(admin->create_topics(specs).value.at(0).fault, Fault::kExists);
  EXPECT_EQ(admin->configs("orders").value.at("retention.ms"), "-1");
  const std::vector<std::string> names = {"orders"};
  EXPECT_THAT(admin->partitions(names).value, ElementsAre(2));

  auto producer = std::move(demo.producer({}).value);
  const auto topic = producer->open("orders", kWait);
  ASSERT_TRUE(topic.ok()) << topic.outcome.text;
  ASSERT_TRUE(
      producer->produce({.topic = topic.value, .partition = 1, .value = "o1", .timestamp = 1'000})
          .ok());
  ASSERT_TRUE(until([&] { return producer->flush(kWait).ok(); }));

  auto consumer = std::move(demo.consumer({.group = "g", .topics = {"orders"}}).value);
  std::vector<Partition> mine;
  ASSERT_TRUE(until([&] {
    for (const Event& event : consumer->poll(Duration{50})) {
      if (event.kind == Event::Kind::kAssigned) mine = event.partitions;
    }
    return !mine.empty();
  }));
  EXPECT_THAT(mine, ElementsAre(Partition{"orders", 0}, Partition{"orders", 1}));
  const std::vector<Start> starts = {{mine[0], 0, 0}, {mine[1], 0, 1}};
  consumer->accept(starts);
  std::string value;
  ASSERT_TRUE(until([&] {
    consumer->poll(Duration{20});
    for (const Incoming& record : consumer->read(1, 10).records) value = *record.value;
    return !value.empty();
  }));
  EXPECT_EQ(value, "o1");
  const std::vector<Position> positions = {{mine[1], 1}};
  EXPECT_TRUE(consumer->commit(positions, kWait).ok());
  const auto committed = consumer->committed(mine, kWait);
  ASSERT_TRUE(committed.ok()) << committed.outcome.text;
  EXPECT_EQ(committed.value.at(1).offset, 1);
  consumer->close(Duration{2'000});
}

TEST(DemoCluster, PromisesNoTransactions) {
  auto made = make_demo_cluster({});
  ASSERT_TRUE(made.ok()) << made.outcome.text;
  EXPECT_EQ(made.value->producer({.transactional_id = "id"}).outcome.fault, Fault::kDenied);
}

}  // namespace
}  // namespace weir::kafka
