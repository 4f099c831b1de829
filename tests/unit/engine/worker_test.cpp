#include "engine/worker.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/world.h"
#include <weir/weir.h>

namespace weir::engine::worker_test {
namespace {

using namespace std::chrono_literals;
using simulation::Chances;
using simulation::World;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Topic<std::string, std::int64_t> kIn{"in"};
const Topic<std::string, std::int64_t> kOther{"other"};
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

TEST(Worker, LeavesAnAbortThatDoesNotEndToANewProducer) {
  World world(1, copy(), {});
  world.create("in", 2);
  fill(world, 0, 50);
  world.cluster().faults().script(sim::Call::kCommit, sim::Mishap::kAbort);
  world.cluster().faults().chance(sim::Call::kAbort, sim::Mishap::kLostRequest, 1000);
  world.start();
  world.wait_for([&] { return world.results("out").size() == 50; }, 200'000, 0);
  EXPECT_EQ(world.failure(), "");
  EXPECT_THAT(world.results("out"), SizeIs(50));
  EXPECT_EQ(world.instance(0).replaced(), 1);
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

// A partition without a leader stops the producer's queue, and that stops the job in the middle of
// a record.
TEST(Worker, AProducerWhoseQueueStaysFullLosesNothing) {
  for (const bool exactly_once : {true, false}) {
    Chances chances;
    chances.exactly_once = exactly_once;
    chances.producer_queue_max = 5;
    World world(10, copy(), chances);
    world.create("in", 2);
    world.create("out", 2);
    fill(world, 0, 100);
    world.cluster().stand_still({"out", 0}, true);
    world.start();
    world.wait_for([] { return false; }, 60, 0);
    EXPECT_GT(world.instance(0).worker()->aborts(), 0U);
    world.cluster().stand_still({"out", 0}, false);
    world.settle();
    EXPECT_EQ(world.failure(), "");
    std::set<std::string> seen;
    for (const sim::SimRecord& record : world.results("out")) seen.insert(*record.value);
    EXPECT_THAT(seen, SizeIs(100));
    if (exactly_once) {
      EXPECT_THAT(world.results("out"), SizeIs(100));
    }
  }
}

// What its successors have read and deleted while it hung is no reason to end the job.
TEST(Worker, WhoComesBackToADeletedPlaceAsksTheGroupFirst) {
  World world(11, copy(), {});
  world.create("in", 1);
  fill(world, 0, 20, 1);
  world.settle();
  fill(world, 20, 50, 1);
  world.cluster().group("job").commit({{"in", 0}, 40, ""});
  world.cluster().topics().find(kafka::Partition{"in", 0})->delete_before(40);
  world.settle();
  EXPECT_EQ(world.failure(), "");
  EXPECT_EQ(world.instance(0).replaced(), 1);
  EXPECT_THAT(world.results("out"), SizeIs(30));
}

TEST(Worker, APlaceThatIsGoneIsAClearFailure) {
  World world(12, copy(), {});
  world.create("in", 1);
  fill(world, 0, 20, 1);
  world.settle();
  fill(world, 20, 50, 1);
  world.cluster().topics().find(kafka::Partition{"in", 0})->delete_before(40);
  world.settle();
  EXPECT_THAT(world.failure(), HasSubstr("the offset to go on from is not in 'in', partition 0"));
}

Topology meeting() {
  Builder builder;
  const auto join = [](const std::int64_t& left, const std::int64_t&) { return left; };
  builder.stream(kIn)
      .join("pairs", builder.stream(kOther), join, JoinOptions{.before = 1s, .after = 1s})
      .to(kOut);
  return *builder.build();
}

// An offset once committed behind a control record stays there when the next record has to wait:
// what lies before it may be deleted.
TEST(Worker, CommittedOffsetsNeverGoBack) {
  World world(13, meeting(), {});
  world.create("in", 1);
  world.create("other", 1);
  auto connection = world.cluster().connect();
  auto producer = std::move(connection->producer({.transactional_id = "t"}).value);
  ASSERT_TRUE(producer->init(0ms).ok());
  const auto topic = producer->open("in", 0ms);
  const auto write = [&](std::int64_t n, Timestamp time) {
    const sim::SimRecord record = number(n, time);
    ASSERT_TRUE(producer->begin().ok());
    ASSERT_TRUE(
        producer
            ->produce(
                {.topic = topic.value, .key = record.key, .value = record.value, .timestamp = time})
            .ok());
    ASSERT_TRUE(producer->commit(0ms).ok());
  };
  const auto committed = [&] {
    const auto& offsets = world.cluster().group("job").offsets();
    const auto found = offsets.find({"in", 0});
    return found == offsets.end() ? -1 : found->second.offset;
  };
  write(1, 100);
  world.append("other", 0, number(1, 100));
  world.settle();
  ASSERT_EQ(committed(), 2);  // Behind the record and its control record.
  world.cluster().stand_still({"other", 0}, true);
  world.append("other", 0, number(2, 150));
  write(2, 200);
  world.append("in", 0, number(3, 90));  // Counts at once, so that there is something to commit.
  for (int i = 0; i < 100; ++i) {
    world.wait_for([] { return true; }, 1, 0);
    ASSERT_GE(committed(), 2);
  }
  world.cluster().stand_still({"other", 0}, false);
  world.settle();
  EXPECT_EQ(committed(), 5);
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
}  // namespace weir::engine::worker_test
