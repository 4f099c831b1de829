#include <gtest/gtest.h>

#include <weir/app_snapshot.h>

namespace weir {
namespace {

TEST(Histogram, CountsWhatIsAtMostALimitThere) {
  Histogram times;
  times.observe(0.001);
  times.observe(0.0011);
  times.observe(59, 3);
  times.observe(61);
  EXPECT_EQ(times.counts[0], 1U);
  EXPECT_EQ(times.counts[1], 1U);
  EXPECT_EQ(times.counts[Histogram::kLimits.size() - 1], 3U);
  EXPECT_EQ(times.counts[Histogram::kLimits.size()], 1U);
  EXPECT_EQ(times.count(), 6U);
  EXPECT_DOUBLE_EQ(times.sum, 0.001 + 0.0011 + 3 * 59 + 61);
}

TEST(Histogram, AddsUp) {
  Histogram one, other;
  one.observe(0.2);
  other.observe(0.2, 2);
  one.add(other);
  EXPECT_EQ(one.count(), 3U);
  EXPECT_DOUBLE_EQ(one.sum, 0.2 * 3);
}

TEST(Histogram, APercentileLiesBetweenTheLimitsAroundIt) {
  Histogram times;
  EXPECT_EQ(times.percentile(99), 0);
  times.observe(0.003, 90);  // Between 0.0025 and 0.005.
  times.observe(0.3, 10);    // Between 0.25 and 0.5.
  EXPECT_DOUBLE_EQ(times.percentile(90), 0.005);
  EXPECT_DOUBLE_EQ(times.percentile(45), 0.0025 + 0.0025 / 2);
  EXPECT_DOUBLE_EQ(times.percentile(95), 0.25 + 0.25 / 2);
  times.observe(100, 1000);
  EXPECT_DOUBLE_EQ(times.percentile(99), 60);
}

TEST(AppSnapshot, AddsUpItsFlowsAndReasons) {
  AppSnapshot now;
  now.in["a"] = {2, 20};
  now.in["b"] = {3, 30};
  now.out["c"] = {1, 5};
  now.discarded = {{"step", "late", 2}, {"other", "late", 1}, {"", "decode", 4}};
  now.stores.push_back({.name = "s", .remaining = 7});
  now.stores.push_back({.name = "s", .partition = 1, .remaining = 1});
  EXPECT_EQ(now.total_in().records, 5U);
  EXPECT_EQ(now.total_in().bytes, 50U);
  EXPECT_EQ(now.total_out().records, 1U);
  EXPECT_EQ(now.discarded_by_reason()["late"], 3U);
  EXPECT_EQ(now.discarded_by_reason()["decode"], 4U);
  EXPECT_EQ(now.restore_remaining(), 8U);
}

TEST(AppState, HasAWordForEach) {
  EXPECT_STREQ(to_string(AppState::running), "running");
  EXPECT_STREQ(to_string(AppState::failed), "failed");
}

TEST(AppSnapshot, StandsStillAsItsSlowestWorker) {
  AppSnapshot now;
  now.taken = 10'000;
  EXPECT_EQ(now.stands_still(), Duration(0));
  now.workers = {{.number = 0, .turned = 9'990}, {.number = 1, .turned = 4'000}};
  EXPECT_EQ(now.stands_still(), Duration(6'000));
}

}  // namespace
}  // namespace weir
