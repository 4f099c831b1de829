// Thousands of short runs of exactly-once copiers in a simulated cluster where everything goes
// wrong: nothing may be lost, doubled or out of order.
#include <cstdlib>

#include <gtest/gtest.h>

#include "broker/copier.h"
#include "sim/sim_cluster.h"

namespace weir::tests {
namespace {

constexpr int kPartitions = 3;
constexpr int kRecords = 60;  // In each partition.
constexpr Duration kSession{6'000};

class Misadventure {
 public:
  explicit Misadventure(std::uint64_t seed)
      : cluster_(seed, 1'700'000'000'000), random_(seed ^ 0x5bd1e995), copiers_(1 + seed % 3) {
    EXPECT_TRUE(cluster_.topics().create({.name = "from", .partitions = kPartitions}).ok());
    EXPECT_TRUE(cluster_.topics().create({.name = "to", .partitions = kPartitions}).ok());
    for (std::size_t i = 0; i < copiers_.size(); ++i) connections_.push_back(cluster_.connect());
  }

  void go() {
    set_chances();
    int written = 0;
    for (int round = 0; round < 400; ++round) {
      if (written < kRecords && random_.chance(500)) write(written++);
      misfortune();
      step_some();
    }
    for (; written < kRecords; ++written) write(written);
    mend();
    for (int round = 0; round < 20'000 && !is_done(); ++round) step_some();
  }

  std::vector<std::string> copied(std::int32_t partition) {
    std::vector<std::string> values;
    for (const auto& record : cluster_.records(Partition{"to", partition}))
      values.push_back(*record.value);
    return values;
  }

 private:
  void set_chances() {
    using sim::Call;
    using sim::Mishap;
    for (const Call call : {Call::kCommitted, Call::kInit, Call::kOpen, Call::kProduce,
                            Call::kSendOffsets, Call::kCommit, Call::kAbort}) {
      cluster_.faults().chance(call, Mishap::kLostRequest, rate(60));
      cluster_.faults().chance(call, Mishap::kLostAnswer, rate(60));
    }
    for (const Call call : {Call::kProduce, Call::kSendOffsets, Call::kCommit, Call::kAbort}) {
      cluster_.faults().chance(call, Mishap::kAbort, rate(30));
      cluster_.faults().chance(call, Mishap::kFenced, rate(20));
      cluster_.faults().chance(call, Mishap::kFatal, rate(20));
    }
    if (random_.chance(300)) cluster_.limit_reads(1 + random_.below(5));
    if (random_.chance(300)) cluster_.delay_markers(Duration{1 + random_.below(30)});
  }
  std::uint32_t rate(std::uint64_t most) {
    return static_cast<std::uint32_t>(random_.below(most + 1));
  }

  void write(int number) {
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      sim::SimRecord record;
      record.value = std::to_string(number);
      record.timestamp = cluster_.now();
      cluster_.append({"from", p}, record);
    }
  }

  void misfortune() {
    const std::size_t i = random_.below(copiers_.size());
    if (random_.chance(15)) copiers_[i].reset();  // SIGKILL.
    if (random_.chance(10)) connections_[i]->cut(random_.chance(500));
    if (random_.chance(8)) cluster_.set_down(!cluster_.is_down());
    if (random_.chance(10)) cluster_.fence("copier-" + std::to_string(i));
    if (random_.chance(10)) {
      cluster_.stand_still({"from", static_cast<std::int32_t>(random_.below(kPartitions))},
                           random_.chance(500));
    }
    if (random_.chance(10) && cluster_.find_group("copiers") != nullptr) {
      auto& group = *cluster_.find_group("copiers");
      if (!group.members().empty()) {
        const std::string lost = group.members().begin()->first;
        group.drop(lost, cluster_.now());
      }
    }
    if (random_.chance(20)) hang_ = static_cast<int>(random_.below(copiers_.size() + 1));
    if (random_.chance(10)) pass(kSession.count() + 1'000);  // A pause of everybody.
  }

  void mend() {
    cluster_.faults().clear();
    cluster_.set_down(false);
    cluster_.limit_reads(0);
    for (auto& connection : connections_) connection->cut(false);
    for (std::int32_t p = 0; p < kPartitions; ++p) cluster_.stand_still({"from", p}, false);
    hang_ = -1;
  }

  void step_some() {
    for (std::size_t i = 0; i < copiers_.size(); ++i) {
      if (static_cast<int>(i) == hang_) continue;  // SIGSTOP.
      if (copiers_[i] != nullptr && copiers_[i]->is_dead()) copiers_[i].reset();
      if (copiers_[i] == nullptr) {
        const std::string name = "copier-" + std::to_string(i);
        copiers_[i] = std::make_unique<Copier>(*connections_[i],
                                               Copier::Options{.from = "from",
                                                               .to = "to",
                                                               .group = "copiers",
                                                               .instance = name,
                                                               .is_static = i != 1,
                                                               .session = kSession,
                                                               .batch = 1 + random_.below(20)});
      }
      copiers_[i]->step();
    }
    pass(static_cast<std::int64_t>(random_.below(50)));
  }

  void pass(std::int64_t millis) { cluster_.advance_to(cluster_.now() + millis); }

  bool is_done() {
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      if (copied(p).size() < kRecords) return false;
    }
    return true;
  }

  sim::SimCluster cluster_;
  sim::Random random_;
  std::vector<std::unique_ptr<sim::Connection>> connections_;
  std::vector<std::unique_ptr<Copier>> copiers_;
  int hang_ = -1;
};

TEST(ExactlyOnceCopy, LosesAndDoublesNothingWhateverGoesWrong) {
  std::vector<std::string> expected;
  for (int i = 0; i < kRecords; ++i) expected.push_back(std::to_string(i));
  // WEIR_SEED=n replays one run.
  const char* one = std::getenv("WEIR_SEED");
  const std::uint64_t first = one == nullptr ? 1 : std::strtoull(one, nullptr, 10);
  const std::uint64_t last = one == nullptr ? 1'500 : first;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Misadventure run(seed);
    run.go();
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      ASSERT_EQ(run.copied(p), expected) << "seed " << seed << ", partition " << p;
    }
  }
}

}  // namespace
}  // namespace weir::tests
