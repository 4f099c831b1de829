#include "engine/worker.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/world.h"
#include <weir/weir.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;
using simulation::Chances;
using simulation::World;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOut{"out"};

Topology copy() {
  Builder builder;
  builder.stream(kIn).to(kOut);
  return *builder.build();
}

Topology counting() {
  Builder builder;
  builder.stream(kIn, {.idle = 0s})
      .group_by_key()
      .windowed({.size = 1s})
      .count("counts")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) { return key.key; })
      .to(kOut);
  return *builder.build();
}

sim::SimRecord number(std::int64_t n, Timestamp time) {
  sim::SimRecord record{.key = "k" + std::to_string(n % 7), .timestamp = time};
  record.value.emplace();
  Serde<std::int64_t>::write(n, *record.value);
  return record;
}

void fill(World& world, int from, int to, int partitions = 2) {
  for (int n = from; n < to; ++n) world.append("in", n % partitions, number(n, n));
}

TEST(Worker, ProcessesWhatThereIsAndComesToRest) {
  World world(1, copy(), {});
  world.create("in", 2);
  fill(world, 0, 50);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(world.results("out"), SizeIs(50));
}

TEST(Worker, CommitsFarApartDoNotTimeOut) {
  World world(1, copy(), {.commit_every = 60s});
  world.create("in", 2);
  fill(world, 0, 50);
  world.start();
  world.wait_for([&] { return world.results("out").size() == 50; }, 200'000, 0);
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(world.results("out"), SizeIs(50));
  EXPECT_EQ(world.instance(0).replaced(), 0);
}

TEST(Worker, GoesOnWhereItsPredecessorCommitted) {
  World world(2, copy(), {});
  world.create("in", 2);
  fill(world, 0, 50);
  world.settle();
  world.instance(0).kill(false);
  fill(world, 50, 80);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(world.results("out"), SizeIs(80));
}

TEST(Worker, AnotherInstanceTakesOverWhatALostOneLeft) {
  Chances two;
  two.instances = 2;
  World world(3, counting(), two);
  world.create("in", 4);
  fill(world, 0, 200, 4);
  world.settle();
  world.instance(1).kill(true);
  fill(world, 200, 3000, 4);
  world.settle();
  EXPECT_EQ(world.failure(), "");
}

TEST(Worker, RestoresFromAnEmptyDisk) {
  World world(4, counting(), {});
  world.create("in", 2);
  fill(world, 0, 900);
  world.settle();
  world.instance(0).kill(true);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_GE(world.instance(0).restored(), 7U);  // The open windows of seven keys.
}

TEST(Worker, AfterAKillReadsTheTailOfItsChangelogsOnly) {
  World world(5, counting(), {});
  world.create("in", 2);
  fill(world, 0, 20'000);
  world.settle();
  const std::uint64_t before = world.instance(0).restored();
  world.instance(0).kill(false);
  world.settle();
  // Small flushes were made all along: the disk had most of it.
  const std::size_t changelog = world.results("job-counts-changelog").size();
  EXPECT_LT((world.instance(0).restored() - before) * 3, changelog);
}

TEST(Worker, AtLeastOnceLosesNothingWhenKilled) {
  Chances chances;
  chances.exactly_once = false;
  chances.kill_per_mille = 20;
  chances.fault_per_mille = 5;
  World world(6, copy(), chances);
  world.create("in", 2);
  fill(world, 0, 300);
  world.storm(800);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  std::set<std::string> seen;
  for (const sim::SimRecord& record : world.results("out")) seen.insert(*record.value);
  EXPECT_THAT(seen, SizeIs(300));
}

TEST(Worker, AMissingTopicIsAClearFailure) {
  World world(7, copy(), {});
  world.settle();
  EXPECT_THAT(world.failure(), HasSubstr("'in' does not exist"));
}

TEST(Worker, ABadRecordWithoutAPlaceForItEndsTheJob) {
  World world(8, copy(), {});
  world.create("in", 1);
  world.append("in", 0, {.key = "k", .value = "bad"});
  world.settle();
  EXPECT_THAT(world.failure(), HasSubstr("decode in 'source-in'"));
}

TEST(Worker, SeesItsDiskRefusedAsAFailure) {
  World world(9, counting(), {});
  world.create("in", 1);
  fill(world, 0, 10, 1);
  world.refuse_disks("no room");
  world.settle();
  EXPECT_THAT(world.failure(), HasSubstr("no room"));
}

}  // namespace
}  // namespace weir::engine
