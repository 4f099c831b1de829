// The three jobs of the contract, from their files to the bytes that come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/compile/job_at_work.h"

namespace weir::compile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Timestamp kMinute = 60'000;

constexpr const char* kOrder = R"({"order_id":"o1","order_date":"2025-11-24","created_at":null,)"
                               R"("customer_id":"c1","amount":750.5})";
constexpr const char* kPayment =
    R"({"payment_id":"p1","order_id":"o1","payment_date":"d","created_at":"x",)"
    R"("amount":750.499999})";
constexpr const char* kPaid =
    R"({"order_id":"o1","order_date":"2025-11-24","created_at":null,"customer_id":"c1",)"
    R"("order_amount":750.50,"payment_id":"p1","payment_date":"d","payment_amount":750.50,)"
    R"("processed_at":"2025-11-24T16:00:00Z"})";

class OrderPayments : public testing::Test {
 protected:
  explicit OrderPayments(TestOptions options = {})
      : job_(JobAtWork::shipped("order-payments.yaml"), std::move(options)) {}
  void order(const std::string& value, Timestamp at, int partition = 0) {
    job_.send("orders_topic_data_v1", value, at, partition);
  }
  void payment(const std::string& value, Timestamp at, int partition = 0) {
    job_.send("payments_topic_data_v1", value, at, partition);
  }
  std::vector<std::string> pairs() { return job_.read("order-payments"); }
  std::vector<std::string> unmatched() { return job_.read("order-payments.unmatched"); }

  JobAtWork job_;
};

TEST_F(OrderPayments, WritesThePairWithTheFieldsOfTheContract) {
  order(kOrder, 0);
  payment(kPayment, 1'000);
  EXPECT_THAT(pairs(), ElementsAre(std::string("o1 ") + kPaid));
  EXPECT_THAT(job_.read("sink.mongodb"), ElementsAre(std::string("o1 ") + kPaid));
}

TEST_F(OrderPayments, TakesThePaymentFirst) {
  payment(kPayment, 0);
  order(kOrder, 1'000);
  EXPECT_THAT(pairs(), ElementsAre(std::string("o1 ") + kPaid));
}

TEST_F(OrderPayments, DropsRepeats) {
  order(kOrder, 0);
  order(kOrder, 1);
  payment(kPayment, 2);
  payment(kPayment, 3);
  order(kOrder, 4);
  EXPECT_EQ(pairs().size(), 1U);
  EXPECT_EQ(job_.driver().discarded("duplicate"), 3U);
}

TEST_F(OrderPayments, GivesASecondPaymentWithItsRecord) {
  order(kOrder, 0);
  payment(kPayment, 1);
  payment(R"({"payment_id":"p2","order_id":"o1","amount":1,"more":true})", 2);
  EXPECT_THAT(unmatched(),
              ElementsAre(R"(o1 {"order_id":"o1","side":"payment","reason":"second_payment",)"
                          R"("record":{"payment_id":"p2","order_id":"o1","payment_date":null,)"
                          R"("created_at":null,"amount":1.00}})"));
}

TEST_F(OrderPayments, LetsALoneRecordWaitForItsTimeAndNoLonger) {
  order(kOrder, 0);
  payment(R"({"payment_id":"p9","order_id":"o9"})", 15 * kMinute + 30'000);
  order(R"({"order_id":"o8"})", 15 * kMinute + 30'000);
  EXPECT_THAT(unmatched(), IsEmpty());
  payment(R"({"payment_id":"p7","order_id":"o7"})", 15 * kMinute + 30'001);
  order(R"({"order_id":"o7"})", 15 * kMinute + 30'001);
  EXPECT_THAT(unmatched(),
              ElementsAre(R"(o1 {"order_id":"o1","side":"order","reason":"no_payment",)"
                          R"("record":{"order_id":"o1","order_date":"2025-11-24",)"
                          R"("created_at":null,"customer_id":"c1","amount":750.50}})"));
  job_.driver().drain();
  EXPECT_THAT(unmatched(), UnorderedElementsAre(testing::HasSubstr(R"("reason":"no_order")"),
                                                testing::HasSubstr(R"("reason":"no_payment")")));
}

TEST_F(OrderPayments, RefusesRecordsWithoutIds) {
  order("{\"order_id\":", 0);
  order(R"({"order_id":null})", 1);
  order(R"({"order_id":""})", 2);
  payment(R"({"order_id":"o1"})", 3);
  payment(R"({"payment_id":"p1"})", 4);
  payment(R"({"payment_id":7,"order_id":"o1"})", 5);
  EXPECT_THAT(job_.driver().discarded(),
              UnorderedElementsAre(testing::Pair("decode", 2), testing::Pair("require", 4)));
  EXPECT_THAT(job_.dead(), testing::Contains(R"({"order_id":null} identified_orders.1 require)"));
}

TEST_F(OrderPayments, KeepsWhatWaitsOverACrash) {
  order(kOrder, 0);
  job_.driver().crash();
  payment(kPayment, 1);
  EXPECT_THAT(pairs(), ElementsAre(std::string("o1 ") + kPaid));
}

class OrderPaymentsOfThree : public OrderPayments {
 protected:
  OrderPaymentsOfThree() : OrderPayments({.partitions = 3}) {}
};

TEST_F(OrderPaymentsOfThree, MeetsWithoutKeysFromDifferentPartitions) {
  order(kOrder, 0, 0);
  payment(kPayment, 1, 2);
  EXPECT_THAT(pairs(), ElementsAre(std::string("o1 ") + kPaid));
}

TEST(OrderPaymentsKeyed, SavesTheRepartitionTopics) {
  JobAtWork keyed(
      JobAtWork::shipped("order-payments.yaml"), {},
      {{"streams.orders.keyed_by", "order_id"}, {"streams.payments.keyed_by", "order_id"}});
  EXPECT_EQ(keyed.topology().sub_topologies().size(), 1U);
  JobAtWork plain(JobAtWork::shipped("order-payments.yaml"));
  EXPECT_EQ(plain.topology().sub_topologies().size(), 3U);
  keyed.send("orders_topic_data_v1", kOrder);
  keyed.send("payments_topic_data_v1", kPayment);
  EXPECT_THAT(keyed.read("order-payments"), ElementsAre(std::string("o1 ") + kPaid));
}

// 2025-11-24T16:00:00Z is a multiple of both steps.
TEST(SlidingCounts, GivesEveryWindowOnce) {
  JobAtWork job(JobAtWork::shipped("sliding-counts.yaml"), {.partitions = 2});
  job.send("customer-transactions", R"({"customer_id":"a","final_amount":10.005,"batch_number":7})",
           3'000, 0);
  job.send("customer-transactions", R"({"customer_id":"b","final_amount":null})", 5'000, 1);
  job.send("customer-transactions", R"({"customer_id":"a","final_amount":1,"batch_number":2})",
           9'000, 1);
  job.driver().drain();
  EXPECT_THAT(
      job.read("sliding-counts"),
      UnorderedElementsAre(R"(2025-11-24T15:59:55Z {"window_start":"2025-11-24T15:59:55Z",)"
                           R"("window_end":"2025-11-24T16:00:05Z","record_count":1,)"
                           R"("total_transaction_value":10.00,"avg_transaction_value":10.0000,)"
                           R"("unique_customers":1,"min_batch_number":7,"max_batch_number":7})",
                           R"(2025-11-24T16:00:00Z {"window_start":"2025-11-24T16:00:00Z",)"
                           R"("window_end":"2025-11-24T16:00:10Z","record_count":3,)"
                           R"("total_transaction_value":11.00,"avg_transaction_value":5.5000,)"
                           R"("unique_customers":2,"min_batch_number":2,"max_batch_number":7})",
                           R"(2025-11-24T16:00:05Z {"window_start":"2025-11-24T16:00:05Z",)"
                           R"("window_end":"2025-11-24T16:00:15Z","record_count":2,)"
                           R"("total_transaction_value":1.00,"avg_transaction_value":1.0000,)"
                           R"("unique_customers":2,"min_batch_number":2,"max_batch_number":2})"));
  EXPECT_EQ(job.sinks().size(), 2U);
  EXPECT_EQ(job.read(job.sinks()[1]).size(), 3U);
}

TEST(SlidingCounts, RefusesTextWhereANumberIsDeclared) {
  JobAtWork job(JobAtWork::shipped("sliding-counts.yaml"));
  job.send("customer-transactions", R"({"quantity":"2"})");
  job.send("customer-transactions", R"({"quantity":2.0,"producer_timestamp":1.5})");
  EXPECT_EQ(job.driver().discarded("decode"), 1U);
}

TEST(OrderAnalytics, GivesOneLineAMinute) {
  JobAtWork job(JobAtWork::shipped("order-analytics.yaml"));
  job.send("orders", R"({"order_id":"1","user_id":"u1","total_amount":10})", 0);
  job.send("orders", R"({"id":"2","user_id":"u2","total_amount":0.015})", 1'000);
  job.send("orders", R"({"order_id":"","id":"3","user_id":"u1"})", 59'999);
  job.send("orders", R"({"order_id":"","user_id":"u1"})", 60'000);
  job.send("orders", R"({"order_id":"4"})", 90'000);
  EXPECT_THAT(job.read("analytics-results"),
              ElementsAre(R"(2025-11-24T16:00:00Z {"window_start":"2025-11-24T16:00:00Z",)"
                          R"("window_end":"2025-11-24T16:01:00Z","unique_users":2,)"
                          R"("total_orders":3,"total_revenue":10.02,"avg_order_value":3.3400,)"
                          R"("processed_at":"2025-11-24T16:00:00Z",)"
                          R"("metric_type":"order_analytics",)"
                          R"("window_type":"1_minute_window"})"));
  EXPECT_EQ(job.driver().discarded("require"), 1U);
}

TEST(OrderAnalytics, TakesWhatIsLateByLessThanItsDelay) {
  JobAtWork job(JobAtWork::shipped("order-analytics.yaml"));
  job.send("orders", R"({"id":"1"})", 89'999);
  job.send("orders", R"({"id":"2"})", 1'000);
  job.send("orders", R"({"id":"3"})", 90'000);
  job.send("orders", R"({"id":"4"})", 2'000);
  EXPECT_THAT(job.read("analytics-results"),
              ElementsAre(testing::HasSubstr(R"("total_orders":1,)")));
  EXPECT_EQ(job.driver().discarded("late"), 1U);
  EXPECT_THAT(job.dead(), ElementsAre(testing::StartsWith(R"({"id":"4"})")));
}

}  // namespace
}  // namespace weir::compile
