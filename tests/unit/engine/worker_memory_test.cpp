// What a worker holds in memory is bounded, however much lies in its topics.
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/worker.h"
#include "sim/sim_cluster.h"
#include "state/memory_disk.h"
#include <weir/weir.h>

namespace weir::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::Le;

const Topic<std::string, std::string> kLeft{"left"};
const Topic<std::string, std::string> kRight{"right"};
const Topic<std::string, std::string> kOut{"out"};

class WorkerMemory : public ::testing::Test {
 protected:
  static constexpr int kPartitions = 8;

  void SetUp() override {
    connection_ = cluster_.connect();
    options_.job = "job";
    options_.instance_id = "i";
    options_.on_stores = [this](TaskId id, state::Environment* stores) {
      if (stores == nullptr) {
        open_.erase(id);
      } else {
        open_[id] = stores;
      }
    };
    options_.open_stores =
        [this](TaskId id,
               const std::string& fingerprint) -> Result<std::unique_ptr<state::Environment>> {
      return state::open_memory(files_[id], {.fingerprint = fingerprint});
    };
    for (const char* topic : {"left", "right"}) {
      ASSERT_TRUE(cluster_.topics().create({.name = topic, .partitions = kPartitions}).ok());
    }
  }
  void start(const Topology& topology) {
    topology_ = topology;
    auto admin = std::move(connection_->admin().value);
    auto layout = plan_layout(*topology_, {options_.job}, *admin);
    ASSERT_TRUE(layout) << layout.error().text;
    layout_ = std::move(*layout);
    ASSERT_TRUE(create_topics(layout_, *admin));
    worker_ = std::make_unique<Worker>(*topology_, layout_, options_, *connection_, cluster_.now());
  }
  void turn() {
    cluster_.advance_to(cluster_.now() + 5);
    ASSERT_EQ(worker_->turn(cluster_.now(), Duration{0}), Worker::Health::good) << worker_->error();
  }
  void fill(const std::string& topic, int records, std::size_t bytes) {
    for (int n = 0; n < records * kPartitions; ++n) {
      sim::SimRecord record{.key = "k" + std::to_string(n), .timestamp = n};
      record.value = std::string(bytes, 'v');
      cluster_.append({topic, n % kPartitions}, std::move(record));
    }
  }
  std::size_t overlay_bytes() const {
    return std::accumulate(
        open_.begin(), open_.end(), std::size_t{0},
        [](std::size_t sum, const auto& entry) { return sum + entry.second->overlay_bytes(); });
  }
  AppSnapshot look() const {
    AppSnapshot all;
    worker_->look(all);
    return all;
  }

  sim::SimCluster cluster_{1};
  std::unique_ptr<sim::Connection> connection_;
  WorkerOptions options_;
  std::map<TaskId, state::MemoryFiles> files_;
  std::map<TaskId, state::Environment*> open_;
  std::optional<Topology> topology_;
  Layout layout_;
  std::unique_ptr<Worker> worker_;
};

Topology join() {
  Builder builder;
  const auto join_both = [](const std::string& left, const std::string&) { return left; };
  builder.stream(kLeft)
      .join("pairs", builder.stream(kRight), join_both, JoinOptions{.before = 1s, .after = 1s})
      .to(kOut);
  return *builder.build();
}

Topology newest() {
  Builder builder;
  const auto newer = [](std::string& kept, const std::string& value) { kept = value; };
  builder.stream(kLeft)
      .group_by_key()
      .windowed({.size = 3600s})
      .reduce("newest", newer)
      .rekey([](const Windowed<std::string>& key, const std::string&) { return key.key; })
      .to(kOut);
  return *builder.build();
}

TEST_F(WorkerMemory, RecordsThatWaitAreOneBatchOfEachInput) {
  options_.batch_records_max = 5;
  start(join());
  fill("left", 100, 10'000);
  fill("right", 1, 1);
  for (int at = 0; at < kPartitions; ++at) cluster_.stand_still({"right", at}, true);
  for (int i = 0; i < 100; ++i) turn();
  std::uint64_t queued = 0;
  for (const AppSnapshot::Input& input : look().inputs) queued += input.queued;
  EXPECT_EQ(queued, 5U * kPartitions);
  for (int at = 0; at < kPartitions; ++at) cluster_.stand_still({"right", at}, false);
  for (int i = 0; i < 1000; ++i) turn();
  EXPECT_TRUE(worker_->idle());
  EXPECT_EQ(look().total_in().records, 101U * kPartitions);
}

class Restores : public WorkerMemory {
 protected:
  // 200 rows of 1 kB each in every task, on no disk.
  void leave_changelogs() {
    start(newest());
    fill("left", 200, 1000);
    for (int i = 0; i < 200; ++i) turn();
    ASSERT_TRUE(worker_->idle());
    worker_.reset();
    files_.clear();
  }
};

TEST_F(Restores, HoldTogetherNoMoreThanTheyMay) {
  leave_changelogs();
  options_.restore_bytes_max = 300'000;
  options_.batch_records_max = 10;
  start(newest());
  std::size_t most = 0;
  while (!worker_->running()) {
    turn();
    if (worker_->restoring()) most = std::max(most, overlay_bytes());
  }
  EXPECT_EQ(look().restored, 200U * kPartitions + kPartitions);  // And the time of each store.
  EXPECT_GT(most, 200'000U);
  EXPECT_LT(most, 400'000U);
}

TEST_F(Restores, AreAFewAtATime) {
  leave_changelogs();
  options_.batch_records_max = 10;
  start(newest());
  std::vector<int> at_once;
  while (!worker_->running()) {
    turn();
    int now = 0;
    for (const AppSnapshot::Store& store : look().stores) {
      now += store.restored > 0 && store.remaining > 0 ? 1 : 0;
    }
    at_once.push_back(now);
  }
  EXPECT_THAT(at_once, ::testing::Contains(4));
  EXPECT_THAT(at_once, Each(Le(4)));
}

}  // namespace
}  // namespace weir::engine
