// Windows, keyed through a repartition topic and global in two phases, under kills, faults and
// rebalances: exactly what a model says, once.

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/world.h"
#include <weir/weir.h>

namespace weir::simulation {
namespace {

using namespace std::chrono_literals;

const Topic<std::string, std::int64_t> kNumbers{"numbers"};
const Topic<std::string, std::int64_t> kCounts{"counts"};
const Topic<std::string, std::int64_t> kSums{"sums"};

constexpr Timestamp kSize = 10'000, kEvery = 5'000, kGrace = 3'000;

struct Sum {
  std::int64_t total = 0;
  void add(const std::int64_t& value) { total += value; }
  void merge(const Sum& other) { total += other.total; }
  void write(std::string& out) const { append_zigzag(out, total); }
  bool read(std::string_view& in) { return read_zigzag(in, total); }
};

Topology job() {
  Builder builder;
  const Windows windows{.size = 10s, .every = 5s, .grace = 3s};
  const auto numbers = builder.stream(kNumbers, {.idle = 0s});
  numbers.group_by([](const std::int64_t& n) { return std::to_string(n % 5); })
      .windowed(windows)
      .count("per-rest")
      .rekey([](const Windowed<std::string>& key, const std::int64_t&) {
        return key.key + "@" + std::to_string(key.window.start);
      })
      .to(kCounts);
  numbers.group_all()
      .windowed(windows)
      .aggregate("all", Sum{}, &Sum::add)
      .rekey(
          [](const Windowed<NoKey>& key, const Sum&) { return std::to_string(key.window.start); })
      .map_values([](const Sum& sum) { return sum.total; })
      .to(kSums);
  auto plan = builder.build();
  EXPECT_TRUE(plan) << plan.error().text;
  return *plan;
}

using Results = std::map<std::string, std::int64_t>;

// What contracts say, in the plainest form: a record counts in each window that its own partition
// had not passed.
class Model {
 public:
  void add(int partition, Timestamp time, std::int64_t value) {
    Timestamp& reached = reached_[partition];
    for (Timestamp start = 0; start <= time; start += kEvery) {
      if (time >= start + kSize || start + kSize + kGrace <= reached) continue;
      ++counts[std::to_string(value % 5) + "@" + std::to_string(start)];
      sums[std::to_string(start)] += value;
    }
    reached = std::max(reached, time);
  }
  Results counts;
  Results sums;

 private:
  std::map<int, Timestamp> reached_;
};

void fill(World& world, Model& model, int partitions, int records) {
  std::vector<Timestamp> clock(static_cast<std::size_t>(partitions), 0);
  for (int i = 0; i < records; ++i) {
    const auto partition = static_cast<int>(world.random(static_cast<std::uint64_t>(partitions)));
    Timestamp& now = clock[static_cast<std::size_t>(partition)];
    now += static_cast<Timestamp>(world.random(700));
    const Timestamp time = std::max<Timestamp>(0, now - static_cast<Timestamp>(world.random(9000)));
    const auto value = static_cast<std::int64_t>(world.random(1000));
    model.add(partition, time, value);
    sim::SimRecord record{.timestamp = time};
    record.key = "k";
    record.value.emplace();
    Serde<std::int64_t>::write(value, *record.value);
    world.append("numbers", partition, record);
  }
}

Results read(World& world, const std::string& topic, std::string& doubled) {
  Results results;
  for (const sim::SimRecord& record : world.results(topic)) {
    std::int64_t value = 0;
    EXPECT_TRUE(Serde<std::int64_t>::read(*record.value, value));
    if (!results.emplace(*record.key, value).second) doubled += *record.key + " ";
  }
  return results;
}

class WindowsSimulation : public ::testing::TestWithParam<int> {};

TEST_P(WindowsSimulation, LosesAndDoublesNothing) {
  for (int i = 0; i < 25; ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * 1000 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chances chances;
    chances.instances = 1 + static_cast<int>(seed % 3);
    chances.kill_per_mille = 4;
    chances.lose_disk_per_mille = 300;
    chances.fault_per_mille = seed % 2 == 0 ? 10 : 0;
    World world(seed, job(), chances);
    const int partitions = 1 + static_cast<int>(world.random(4));
    world.create("numbers", partitions);
    Model model;
    fill(world, model, partitions, 100);
    world.storm(600);
    fill(world, model, partitions, 0);
    world.storm(600);
    world.settle();
    world.drain();
    ASSERT_EQ(world.failure(), "");
    std::string doubled;
    EXPECT_EQ(read(world, "counts", doubled), model.counts);
    EXPECT_EQ(read(world, "sums", doubled), model.sums);
    ASSERT_EQ(doubled, "");
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WindowsSimulation, ::testing::Range(0, 8));

}  // namespace
}  // namespace weir::simulation
