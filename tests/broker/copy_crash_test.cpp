// Exactly once against real brokers and real SIGKILLs: copiers, and with three brokers also those,
// die again and again while records come in; then nothing may be lost, doubled or out of order.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "broker/contract.h"
#include "broker/process.h"

namespace weir::tests {
namespace {

constexpr int kPartitions = 4;
constexpr Duration kSession{2'000};

class CopyCrash : public Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (IsSkipped()) return;
    from_ = make_topic(kPartitions);
    to_ = make_topic(kPartitions);
    group_ = world()->unique("copiers");
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    for (const char* instance : {"one", "two"}) {
      copiers_.push_back(std::make_unique<Process>(
          std::vector<std::string>{here / "kafka_copier", from_, to_, group_,
                                   group_ + "-" + instance, std::to_string(kSession.count())}));
    }
    writer_ = make_producer();
  }

  void write_some() {
    for (int i = 0; i < 20; ++i, ++written_) {
      for (std::int32_t p = 0; p < kPartitions; ++p) {
        put(*writer_, from_, std::to_string(written_), p);
      }
    }
    writer_->poll();
  }

  // Writes and lets the copiers work for a while.
  void work(Duration time) {
    for (const Timestamp end = later(world()->now(), time); world()->now() < end;) {
      write_some();
      for (auto& copier : copiers_) copier->keep_alive();
      world()->pass(Duration{20});
    }
  }

  void expect_all_copied() {
    const Outcome flushed = again([&] { return writer_->flush(kWait); }, Duration{60'000});
    ASSERT_TRUE(flushed.ok()) << flushed.text;
    std::vector<std::string> expected;
    for (int i = 0; i < written_; ++i) expected.push_back(std::to_string(i));
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      std::vector<std::string> copied;
      world()->until(
          [&] {
            for (auto& copier : copiers_) copier->keep_alive();
            copied = values(read_all(to_, p));
            return copied.size() >= expected.size();
          },
          Duration{60'000});
      EXPECT_EQ(copied.size(), expected.size()) << "partition " << p;
      const auto [wrong, right] =
          std::mismatch(copied.begin(), copied.end(), expected.begin(), expected.end());
      EXPECT_TRUE(copied == expected)
          << "partition " << p << " differs at " << (wrong - copied.begin());
    }
  }

  static void kafka(const std::string& command) {
    const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/broker/kafka.sh ";
    const char* dir = std::getenv("WEIR_TEST_KAFKA_DIR");
    ASSERT_NE(dir, nullptr);
    ASSERT_EQ(std::system((script + command + " --dir " + dir).c_str()), 0) << command;
  }
  static bool has_three_brokers() {
    const std::string brokers = std::getenv("WEIR_TEST_BROKERS");
    return std::getenv("WEIR_TEST_KAFKA_DIR") != nullptr &&
           std::count(brokers.begin(), brokers.end(), ',') == 2;
  }

  std::vector<std::unique_ptr<Process>> copiers_;
  std::mt19937 random_{static_cast<unsigned>(setting("WEIR_SEED", 1))};

 private:
  std::string from_;
  std::string to_;
  std::string group_;
  std::unique_ptr<kafka::Producer> writer_;
  int written_ = 0;
};

TEST_F(CopyCrash, KilledProcessesLoseAndDoubleNothing) {
  work(Duration{1'000});
  const int kills = setting("WEIR_KILLS", 20);
  for (int i = 0; i < kills; ++i) {
    copiers_[random_() % copiers_.size()]->restart();
    work(Duration{random_() % 700});
  }
  expect_all_copied();
}

TEST_F(CopyCrash, AProcessThatHangsAndWakesUpDoesNoHarm) {
  work(Duration{1'000});
  for (int i = 0; i < 2; ++i) {
    copiers_[0]->hang();
    work(kSession + Duration{2'000});
    copiers_[0]->wake();
    work(Duration{1'500});
  }
  expect_all_copied();
}

TEST_F(CopyCrash, DeadBrokersLoseAndDoubleNothing) {
  if (!has_three_brokers()) GTEST_SKIP() << "needs three brokers of with_kafka.sh";
  work(Duration{1'000});
  for (const char* broker : {"1", "2", "3"}) {
    kafka(std::string("kill ") + broker);
    work(Duration{4'000});
    kafka(std::string("restart ") + broker);
    kafka("settle");
    work(Duration{500});
  }
  kafka("kill all");
  work(Duration{5'000});
  kafka("restart all");
  work(Duration{1'000});
  expect_all_copied();
}

}  // namespace
}  // namespace weir::tests
