#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worker.h"
#include "simulation/world.h"
#include <weir/folder_sink.h>
#include <weir/weir.h>

namespace weir::engine::worker_sinks_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using simulation::Chances;
using simulation::World;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOther{"other"};
const Topic<std::string, std::int64_t> kShop{"shop"};
const Topic<std::string, std::int64_t> kOut{"out"};

sim::SimRecord number(std::int64_t n) {
  sim::SimRecord record{.key = "k" + std::to_string(n), .timestamp = n};
  record.value.emplace();
  Serde<std::int64_t>::write(n, *record.value);
  return record;
}

void fill(World& world, const std::string& topic, int from, int to) {
  for (int n = from; n < to; ++n) world.append(topic, n % 3, number(n));
}

// A sink on a server that may be away.
struct Shop {
  bool away = false;
  std::string refused{};  // A key that it does not take.
  std::map<std::string, std::string> rows;
  std::size_t largest_batch = 0;
};

class ShopSink final : public Sink {
 public:
  explicit ShopSink(Shop& shop) : shop_(shop) {}
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    shop_.largest_batch = std::max(shop_.largest_batch, batch.size());
    if (shop_.away) return probe();
    SinkAnswer answer;
    for (std::size_t at = 0; at < batch.size(); ++at) {
      const SinkRecord& record = batch[at];
      if (*record.key == shop_.refused) {
        answer.refused.push_back({at, "sold out"});
      } else {
        shop_.rows[std::string(*record.key)] = *record.value;
      }
    }
    return answer;
  }
  SinkAnswer flush() override { return probe(); }
  SinkAnswer probe() override {
    if (shop_.away) return {SinkAnswer::What::again, "nobody is there", {}};
    return {};
  }
  void close() override {}

 private:
  Shop& shop_;
};

OpenSink opening(Shop& shop) {
  return [&shop](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<ShopSink>(shop));
  };
}

Topology shop_and_topic() {
  Builder builder;
  builder.stream(kIn).to(kShop);
  builder.stream(kOther).to(kOut);
  return *builder.build();
}

TEST(WorkerSinks, OneThatIsAwayHoldsItsPartitionsAndNothingElse) {
  Shop shop;
  Chances chances;
  chances.own_sinks["shop"] = opening(shop);
  World world(1, shop_and_topic(), chances);
  world.create("in", 3);
  world.create("other", 3);
  world.start();
  shop.away = true;
  fill(world, "in", 0, 20'000);
  fill(world, "other", 0, 300);
  EXPECT_TRUE(world.wait_for([&] { return world.results("out").size() == 300; }, 5000, 2000));
  for (int more = 300; more < 900; more += 100) {
    fill(world, "other", more, more + 100);
    const auto done = [&] { return world.results("out").size() == std::size_t(more) + 100; };
    EXPECT_TRUE(world.wait_for(done, 200, 0)) << "it has long been known who does not answer";
  }
  EXPECT_THAT(shop.rows, SizeIs(0));
  EXPECT_LT(shop.largest_batch, 5000U) << "what waits is bounded";
  AppSnapshot seen;
  world.instance(0).worker()->look(seen);
  ASSERT_THAT(seen.sinks, SizeIs(1));
  EXPECT_TRUE(seen.sinks[0].waiting);
  EXPECT_THAT(seen.sinks[0].why, HasSubstr("nobody is there"));
  shop.away = false;
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(shop.rows, SizeIs(20'000));
  EXPECT_THAT(world.results("out"), SizeIs(900));
  AppSnapshot after;
  world.instance(0).worker()->look(after);
  EXPECT_FALSE(after.sinks[0].waiting);
  EXPECT_EQ(world.instance(0).replaced(), 0);
}

// A world whose shop does not take one of ten.
struct RefusingWorld {
  explicit RefusingWorld(OnError answer) {
    shop.refused = "k7";
    Chances chances;
    chances.own_sinks["shop"] = opening(shop);
    Builder builder(ErrorPolicy{.dead_letters = "dead", .sink = answer});
    builder.stream(kIn).to(kShop);
    world.emplace(6, *builder.build(), chances);
    world->create("in", 3);
    fill(*world, "in", 0, 10);
    world->start();
    world->settle();
  }
  Shop shop{};
  std::optional<World> world{};
};

TEST(WorkerSinks, WhatOneRefusesIsADeadLetter) {
  RefusingWorld run(OnError::automatic);
  EXPECT_EQ(run.world->failure(), "");
  EXPECT_THAT(run.shop.rows, SizeIs(9));
  EXPECT_THAT(run.world->results("dead"), SizeIs(1));
  AppSnapshot seen;
  run.world->instance(0).worker()->look(seen);
  EXPECT_GT(seen.sink_write_seconds.at("shop").count(), 0U);
}

TEST(WorkerSinks, OrEndsTheJobWhereThatIsItsAnswer) {
  RefusingWorld run(OnError::stop);
  EXPECT_THAT(run.world->failure(), HasSubstr("the sink 'shop' refuses a record: sold out"));
  EXPECT_THAT(run.world->failure(), HasSubstr("the job is to stop at such records"));
  EXPECT_THAT(run.world->results("dead"), SizeIs(0));
}

TEST(WorkerSinks, AWorkerLeavesWhileASinkIsAway) {
  Shop shop;
  Chances chances;
  chances.own_sinks["shop"] = opening(shop);
  World world(2, shop_and_topic(), chances);
  world.create("in", 3);
  world.create("other", 3);
  world.start();
  shop.away = true;
  fill(world, "in", 0, 50);
  world.wait_for([] { return false; }, 1000, 0);
  world.instance(0).stop();
  EXPECT_TRUE(world.wait_for([&] { return !world.instance(0).running(); }, 2000, 0));
  shop.away = false;
  world.settle();
  EXPECT_THAT(shop.rows, SizeIs(50));
}

// While a commit waits for a sink, what else feeds that sink has to wait, too: results of its other
// topics would be part of the transaction, and what it has read would not.
TEST(WorkerSinks, WhatIsReadWhileACommitWaitsIsCommittedWithItsResults) {
  Shop shop;
  Chances chances;
  chances.own_sinks["shop"] = opening(shop);
  Builder builder;
  const auto both = builder.stream(kIn);
  both.to(kShop);
  both.to(kOut);
  World world(5, *builder.build(), chances);
  world.create("in", 3);
  fill(world, "in", 0, 9);
  world.start();
  world.settle();
  shop.away = true;
  world.append("in", 0, number(9));
  const auto waits = [&] { return world.instance(0).worker()->doing() == "committing"; };
  ASSERT_TRUE(world.wait_for(waits, 200, 0));
  world.append("in", 1, number(10));
  world.wait_for([] { return false; }, 20, 0);
  shop.away = false;
  ASSERT_TRUE(world.wait_for([&] { return world.results("out").size() > 9; }, 200, 0));
  world.instance(0).kill(false);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(world.results("out"), SizeIs(11));
}

// It takes a tenth of a second of the world's time for each result.
class SlowSink final : public Sink {
 public:
  SlowSink(World*& world, std::set<std::string>& rows) : world_(world), rows_(rows) {}
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (begun_ == kNoTime) begun_ = world_->cluster().now();
    const auto needed = static_cast<std::int64_t>(batch.size()) * 100;
    if (world_->cluster().now() - begun_ < needed) {
      return {SinkAnswer::What::again, "still at it", {}};
    }
    begun_ = kNoTime;
    for (const SinkRecord& record : batch) rows_.insert(std::string(*record.key));
    return {};
  }
  SinkAnswer flush() override { return {}; }
  SinkAnswer probe() override {
    begun_ = kNoTime;
    return {};
  }
  void close() override {}

 private:
  World*& world_;
  std::set<std::string>& rows_;
  Timestamp begun_ = kNoTime;
};

TEST(WorkerSinks, OneThatIsTooSlowForATransactionIsAskedLess) {
  World* world = nullptr;
  std::set<std::string> rows;
  Chances chances;
  chances.own_sinks["shop"] = [&](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<SlowSink>(world, rows));
  };
  World made(4, shop_and_topic(), chances);
  world = &made;
  made.create("in", 3);
  made.create("other", 3);
  fill(made, "in", 0, 900);
  made.start();
  EXPECT_TRUE(made.wait_for([&] { return rows.size() == 900; }, 100'000, 0));
  made.settle();
  EXPECT_EQ(made.failure(), "");
}

// ---- Files, each result once -------------------------------------------------------------------

std::multiset<std::string> lines_below(const fs::path& folder) {
  std::multiset<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename().string().starts_with('.')) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) lines.insert(line);
  }
  return lines;
}

class FolderStorm : public ::testing::TestWithParam<int> {};

TEST_P(FolderStorm, LeavesEachResultOnce) {
  const fs::path folder = testing::TempDir() + "weir-storm-" + std::to_string(GetParam());
  fs::remove_all(folder);
  Chances chances;
  chances.instances = 3;
  chances.kill_per_mille = 10;
  chances.fault_per_mille = 5;
  chances.death_per_mille = 2;
  chances.weather_per_mille = 10;
  chances.exactly_once = GetParam() % 2 == 0;
  FolderOptions options{.path = folder.string(), .by = FolderBy::hour, .roll_records = 40};
  chances.own_sinks["shop"] = *folder_sink(options);
  Builder builder;
  builder.stream(kIn)
      .map_values([](const std::int64_t& n) { return std::to_string(n); })
      .to(Topic<std::string, std::string>{"shop"});
  World world(static_cast<std::uint64_t>(GetParam()), *builder.build(), chances);
  world.create("in", 3);
  world.start();
  for (int round = 0; round < 6; ++round) {
    fill(world, "in", round * 100, (round + 1) * 100);
    world.storm(150);
  }
  world.settle();
  EXPECT_EQ(world.failure(), "");
  for (std::size_t at = 0; at < 3; ++at) world.instance(at).stop();
  world.wait_for([] { return false; }, 300, 0);
  std::multiset<std::string> expected;
  for (int n = 0; n < 600; ++n) expected.insert(std::to_string(n));
  EXPECT_EQ(lines_below(folder), expected);
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FolderStorm, ::testing::Range(0, 12));

}  // namespace
}  // namespace weir::engine::worker_sinks_test
