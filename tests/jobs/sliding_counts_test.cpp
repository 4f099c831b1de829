// Golden traces of the job sliding-counts.
#include "jobs/sliding_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/testing.h>

namespace weir::jobs::sliding_counts_test {
namespace {

TestDriver driver(int partitions = 1) {
  Result<Topology> plan = sliding_counts();
  check(static_cast<bool>(plan), plan ? "" : plan.error().to_string());
  return TestDriver(*plan, {.partitions = partitions, .commit_each = false});
}

std::string transaction(int number) {
  return R"({"customer_id":"CUST_)" + std::to_string(10'000 + number) +
         R"(","final_amount":1.50,"batch_number":)" + std::to_string(number / 10) + "}";
}

std::vector<std::string> values(TestDriver& t) {
  t.drain();
  std::vector<std::string> values;
  for (const LogRecord& record : t.read("sliding-counts")) {
    values.push_back(record.key.value_or("null") + " " + record.value.value_or("null"));
  }
  return values;
}

std::string empty_line(const char* start, const char* end) {
  return std::string(start) + R"( {"window_start":")" + start + R"(","window_end":")" + end +
         R"(","record_count":1,"total_transaction_value":0.00,"avg_transaction_value":null,)"
         R"("unique_customers":0,"min_batch_number":null,"max_batch_number":null})";
}

TEST(SlidingCounts, CountsEachBurstInTwoWindows) {
  TestDriver t = driver(3);
  for (int number = 0; number < 1000; ++number) {
    const Timestamp at = 1'000'000'000'000 + (number / 10) * 10'000;
    t.send("customer-transactions", {number % 3, 0, at, std::nullopt, transaction(number), {}});
    if (number < 3 || number % 97 == 0) t.commit();
  }
  t.drain();
  const auto results = t.read(kSlidingCounts);
  EXPECT_EQ(results.size(), 200u);
  std::int64_t records = 0;
  for (const auto& result : results) {
    EXPECT_EQ(result.value.record_count, 10);
    EXPECT_EQ(result.value.unique_customers, 10);
    EXPECT_EQ(result.value.total_transaction_value.to_string(), "15.00");
    EXPECT_EQ(result.value.avg_transaction_value->to_string(), "1.5000");
    EXPECT_EQ(result.value.min_batch_number, result.value.max_batch_number);
    records += result.value.record_count;
  }
  EXPECT_EQ(records, 2000);
}

TEST(SlidingCounts, AlignsWindowsToTheEpoch) {
  TestDriver t = driver();
  t.send("customer-transactions", {0, 0, 1'000'000'003'000, std::nullopt, "{}", {}});
  EXPECT_THAT(values(t),
              testing::ElementsAre(empty_line("2001-09-09T01:46:35Z", "2001-09-09T01:46:45Z"),
                                   empty_line("2001-09-09T01:46:40Z", "2001-09-09T01:46:50Z")));
}

TEST(SlidingCounts, IncludesTheStartAndExcludesTheEnd) {
  TestDriver t = driver();
  t.send("customer-transactions", {0, 0, 1'000'000'005'000, std::nullopt, "{}", {}});
  EXPECT_THAT(values(t),
              testing::ElementsAre(empty_line("2001-09-09T01:46:40Z", "2001-09-09T01:46:50Z"),
                                   empty_line("2001-09-09T01:46:45Z", "2001-09-09T01:46:55Z")));
}

TEST(SlidingCounts, CountsALateRecordAsLateAndKeepsItsBytes) {
  TestDriver t = driver();
  t.send("customer-transactions", {0, 0, 1'000'050'000, std::nullopt, "{}", {}});
  t.send("customer-transactions", {0, 1, 1'000'005'000, std::nullopt, transaction(7), {}});
  t.send("customer-transactions", {0, 2, 1'000'015'000, std::nullopt, "{}", {}});
  t.drain();
  EXPECT_EQ(t.discarded("late"), 1u);  // Of 15 s the second window is open for 5 s more.
  const auto dead = t.dead_letters();
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].value, transaction(7));
}

TEST(SlidingCounts, DoesNotCountWhatIsNotJson) {
  TestDriver t = driver();
  t.send("customer-transactions", {0, 0, 1'000'000'000, std::nullopt, R"({"final_amount":1)", {}});
  EXPECT_THAT(values(t), testing::IsEmpty());
  EXPECT_EQ(t.discarded("decode"), 1u);
}

}  // namespace
}  // namespace weir::jobs::sliding_counts_test
