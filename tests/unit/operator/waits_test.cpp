#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <weir/detail/waits.h>

namespace weir::detail {
namespace {

TEST(Waits, NothingWaitsAtFirst) {
  const Waits waits;
  EXPECT_TRUE(waits.empty());
  EXPECT_EQ(waits.first_time(), kEndOfTime);
}

TEST(Waits, ComesOutByTimeThenRightBeforeLeftThenByKey) {
  Waits waits;
  waits.push(20, true, "a");
  waits.push(10, true, "b");
  waits.push(10, true, "a");
  waits.push(10, false, "z");
  EXPECT_EQ(waits.first_time(), 10);
  std::vector<std::string> order;
  while (!waits.empty()) {
    const Waiting first = waits.pop();
    order.push_back(std::to_string(first.time) + (first.left ? "L" : "R") +
                    std::string(first.key.view()));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"10Rz", "10La", "10Lb", "20La"}));
}

TEST(Waits, KeepsTheOrderOfAnyMix) {
  std::mt19937 random(11);
  Waits waits;
  std::vector<std::tuple<Timestamp, bool, std::string>> model;
  for (int i = 0; i < 3000; ++i) {
    const auto time = static_cast<Timestamp>(random() % 50);
    const bool left = random() % 2 == 0;
    const std::string key(random() % 80, static_cast<char>('a' + random() % 3));
    waits.push(time, left, key);
    model.emplace_back(time, left, key);
  }
  std::sort(model.begin(), model.end());  // false, the right side, sorts before true.
  for (const auto& [time, left, key] : model) {
    const Waiting first = waits.pop();
    ASSERT_EQ(first.time, time);
    ASSERT_EQ(first.left, left);
    ASSERT_EQ(first.key.view(), key);
  }
  EXPECT_TRUE(waits.empty());
}

TEST(Waits, ForgetsAll) {
  Waits waits;
  waits.push(1, true, "k");
  waits.clear();
  EXPECT_TRUE(waits.empty());
}

}  // namespace
}  // namespace weir::detail
