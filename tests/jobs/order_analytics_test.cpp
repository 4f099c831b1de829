// Golden traces of the job order-analytics.
#include "jobs/order_analytics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/testing.h>

namespace weir::jobs {
namespace {

constexpr Timestamp kTenFifty = 1'763'981'400'000;  // 2025-11-24T10:50:00Z

TestDriver driver(int partitions = 1) {
  Result<Topology> plan = order_analytics();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return TestDriver(*plan, {.partitions = partitions, .wall_clock = kTenFifty + 200'000});
}

void order(TestDriver& t, const std::string& rest, std::int64_t second, int partition = 0) {
  const std::string value = R"({"order_id":"o",)" + rest + "}";
  t.send("orders", {partition, 0, kTenFifty + second * 1000, std::nullopt, value, {}});
}

std::vector<std::string> values(TestDriver& t) {
  std::vector<std::string> values;
  for (const LogRecord& record : t.read("analytics-results")) {
    values.push_back(record.value.value_or("null"));
  }
  return values;
}

std::string minute(const char* start, const char* end, const char* numbers) {
  return R"({"window_start":")" + std::string(start) + R"(","window_end":")" + end + R"(",)" +
         numbers +
         R"(,"processed_at":"2025-11-24T10:53:20Z","metric_type":"order_analytics",)"
         R"("window_type":"1_minute_window"})";
}

TEST(OrderAnalytics, GivesTheWorkedExample) {
  TestDriver t = driver();
  order(t, R"("user_id":"u1","total_amount":100)", 5);
  order(t, R"("user_id":"u2","total_amount":200)", 10);
  order(t, R"("user_id":"u1","total_amount":150)", 20);
  order(t, R"("user_id":"u3","total_amount":300)", 59);
  order(t, R"("user_id":"u2","total_amount":250)", 60);
  order(t, R"("user_id":"u1","total_amount":180)", 61);
  EXPECT_THAT(values(t), testing::IsEmpty());
  t.drain();
  EXPECT_THAT(values(t), testing::ElementsAre(
                             minute("2025-11-24T10:50:00Z", "2025-11-24T10:51:00Z",
                                    R"("unique_users":3,"total_orders":4,"total_revenue":750.00,)"
                                    R"("avg_order_value":187.5000)"),
                             minute("2025-11-24T10:51:00Z", "2025-11-24T10:52:00Z",
                                    R"("unique_users":2,"total_orders":2,"total_revenue":430.00,)"
                                    R"("avg_order_value":215.0000)")));
}

TEST(OrderAnalytics, TakesOrdersUntilTheGraceIsOver) {
  TestDriver t = driver();
  order(t, R"("user_id":"u1","total_amount":1)", 0);
  order(t, R"("user_id":"u1","total_amount":1)", 89);
  order(t, R"("user_id":"u2","total_amount":1)", 30);  // 29 s after the end of its minute.
  order(t, R"("user_id":"u1","total_amount":1)", 91);
  order(t, R"("user_id":"u3","total_amount":1)", 30);  // 31 s after it.
  t.drain();
  const auto results = t.read(kOrderMinutes);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].value.total_orders, 2);
  EXPECT_EQ(results[0].value.unique_users, 2);
  EXPECT_EQ(t.discarded("late"), 1u);
}

TEST(OrderAnalytics, CountsAnOrderThatSaysNothingButItsId) {
  TestDriver t = driver();
  t.send("orders", {0, 0, kTenFifty, std::nullopt, R"({"order_id":"o1"})", {}});
  t.send("orders", {0, 0, kTenFifty, std::nullopt, R"({"id":"o2","total_amount":null})", {}});
  t.send("orders", {0, 0, kTenFifty, std::nullopt, R"({"id":"","total_amount":5})", {}});
  t.drain();
  const auto results = t.read(kOrderMinutes);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].value.total_orders, 2);
  EXPECT_EQ(results[0].value.total_revenue.units(), 0);
  EXPECT_EQ(t.discarded("require"), 1u);
  EXPECT_EQ(t.dead_letters().size(), 1u);
}

TEST(OrderAnalytics, WritesOneFinalResultFromPartitionsAtDifferentSpeeds) {
  TestDriver t = driver(3);
  for (int partition = 0; partition < 3; ++partition) order(t, R"("user_id":"u")", 0, partition);
  order(t, R"("user_id":"a")", 300, 0);  // Far ahead: the others are not late for that.
  order(t, R"("user_id":"b")", 10, 1);
  t.crash();
  order(t, R"("user_id":"c")", 20, 2);
  t.drain();
  const auto results = t.read(kOrderMinutes);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].value.total_orders + results[1].value.total_orders, 6);
  EXPECT_EQ(t.discarded("late"), 0u);
}

}  // namespace
}  // namespace weir::jobs
