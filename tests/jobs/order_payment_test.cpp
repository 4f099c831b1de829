#include "jobs/order_payment.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/testing.h>

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kMinute = 60'000;
constexpr Timestamp kStart = 1'764'000'000'000;

class OrderPayment : public testing::Test {
 protected:
  explicit OrderPayment(TestOptions options = {}) : driver_(*order_payment(), options) {}

  void order(const std::string& id, Timestamp at, int partition = 0) {
    raw(kOrders.name, R"({"order_id":")" + id + R"(","customer_id":"c1","amount":750.5})", at,
        partition);
  }
  void payment(const std::string& id, const std::string& order_id, Timestamp at,
               int partition = 0) {
    raw(kPayments.name,
        R"({"payment_id":")" + id + R"(","order_id":")" + order_id + R"(","amount":750.50})", at,
        partition);
  }
  void raw(const std::string& topic, const std::string& value, Timestamp at, int partition = 0) {
    ++in_;
    LogRecord record{partition, 0, kStart + at};
    record.value = value;
    driver_.send(topic, record);
  }
  // Records that have nothing to do with the rest bring time to `at` on both sides.
  void time_passes(Timestamp at) {
    order("clock" + std::to_string(at), at);
    payment("clock" + std::to_string(at), "clock" + std::to_string(at), at);
  }

  std::vector<std::string> pairs() {
    std::vector<std::string> found;
    for (const auto& [key, value, time] : driver_.read(kPaid)) {
      EXPECT_EQ(key, value.order_id);
      ++pairs_;
      if (!key.starts_with("clock")) found.push_back(key + " " + value.payment_id);
    }
    return found;
  }
  std::vector<std::string> unmatched() {
    std::vector<std::string> found;
    for (const auto& [key, value, time] : driver_.read(kLone)) {
      const std::string id = value.payment ? value.payment->payment_id : value.order->order_id;
      found.push_back(value.side + " " + id + " " + value.reason);
      ++lone_;
    }
    return found;
  }
  // Every record that came in is one of four things.
  void nothing_is_lost() {
    driver_.drain();
    pairs();
    unmatched();
    const std::uint64_t gone =
        driver_.discarded("duplicate") + driver_.discarded("decode") + driver_.discarded("require");
    EXPECT_EQ(in_, 2 * pairs_ + lone_ + gone);
  }

  TestDriver driver_;
  std::uint64_t in_ = 0;
  std::uint64_t pairs_ = 0;
  std::uint64_t lone_ = 0;
};

TEST_F(OrderPayment, PairsAnOrderWithItsPayment) {
  order("o1", 0);
  payment("p1", "o1", kMinute);
  const auto results = driver_.read("order-payments");
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].key, "o1");
  EXPECT_EQ(results[0].timestamp, kStart + kMinute);
  EXPECT_EQ(*results[0].value,
            R"({"order_id":"o1","order_date":null,"created_at":null,"customer_id":"c1",)"
            R"("order_amount":750.50,"payment_id":"p1","payment_date":null,)"
            R"("payment_amount":750.50})");
}

TEST_F(OrderPayment, DropsARepeatedOrder) {
  order("o1", 0);
  order("o1", 10);
  payment("p1", "o1", 20);
  order("o1", 30);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  EXPECT_EQ(driver_.discarded("duplicate"), 2u);
  nothing_is_lost();
}

TEST_F(OrderPayment, PairsAPaymentThatComesFirst) {
  payment("p1", "o1", 0);
  order("o1", 10);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  nothing_is_lost();
}

TEST_F(OrderPayment, PairsOnceWhenBothAreRepeated) {
  order("o1", 0);
  payment("p1", "o1", 10);
  order("o1", 20);
  payment("p1", "o1", 30);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  EXPECT_THAT(unmatched(), IsEmpty());
  EXPECT_EQ(driver_.discarded("duplicate"), 2u);
  nothing_is_lost();
}

TEST_F(OrderPayment, SetsASecondPaymentAside) {
  order("o1", 0);
  payment("p1", "o1", 10);
  payment("p2", "o1", 20);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  EXPECT_THAT(unmatched(), ElementsAre("payment p2 second_payment"));
  nothing_is_lost();
}

TEST_F(OrderPayment, SetsOtherWaitingPaymentsAside) {
  payment("p1", "o1", 0);
  payment("p2", "o1", 5);
  payment("p1", "o1", 7);
  order("o1", 10);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  EXPECT_THAT(unmatched(), ElementsAre("payment p2 second_payment"));
  EXPECT_EQ(driver_.discarded("duplicate"), 1u);
  nothing_is_lost();
}

TEST_F(OrderPayment, GivesUpOnAnOrderThatIsNotPaidInTime) {
  order("o1", 0);
  time_passes(15 * kMinute + 30'000);
  EXPECT_THAT(unmatched(), IsEmpty());
  time_passes(15 * kMinute + 30'001);
  EXPECT_THAT(unmatched(), ElementsAre("order o1 no_payment"));
  payment("p1", "o1", 16 * kMinute);
  time_passes(32 * kMinute);
  EXPECT_THAT(unmatched(), ElementsAre("payment p1 no_order"));
  EXPECT_THAT(pairs(), IsEmpty());
  nothing_is_lost();
}

TEST_F(OrderPayment, KeepsNoRowOfAKeyThatIsForgotten) {
  order("o1", 0);
  order("o1", 10);
  time_passes(20 * kMinute);
  EXPECT_THAT(unmatched(), ElementsAre("order o1 no_payment"));
  for (int hours = 1; hours < 5; ++hours) time_passes(hours * 60 * kMinute);
  int rows = 0;
  driver_.store("order-payment").scan({}, {}, [&](Bytes key, Bytes) {
    rows += key.find("o1") != Bytes::npos;
    return true;
  });
  EXPECT_EQ(rows, 0);
  nothing_is_lost();
}

TEST_F(OrderPayment, PutsWhatItCannotReadAside) {
  raw(kOrders.name, "{\"order_id\":", 0);
  raw(kPayments.name, "no json", 0);
  raw(kOrders.name, R"({"order_id":""})", 0);
  raw(kPayments.name, R"({"payment_id":"","order_id":"o1"})", 0);
  EXPECT_THAT(pairs(), IsEmpty());
  EXPECT_THAT(driver_.dead_letters(), SizeIs(4));
  EXPECT_EQ(driver_.discarded("decode"), 2u);
  EXPECT_EQ(driver_.discarded("require"), 2u);
  nothing_is_lost();
}

TEST_F(OrderPayment, PutsAnOrderWithoutAnIdAside) {
  raw(kOrders.name, R"({"order_id":null})", 0);
  EXPECT_THAT(driver_.dead_letters(), SizeIs(1));
  EXPECT_THAT(pairs(), IsEmpty());
}

class OrderPaymentUncommitted : public OrderPayment {
 protected:
  OrderPaymentUncommitted() : OrderPayment({.commit_each = false}) {}
};

TEST_F(OrderPaymentUncommitted, PairsOnceWhenItDiesBeforeTheCommit) {
  order("o1", 0);
  driver_.commit();
  payment("p1", "o1", 10);
  driver_.crash();
  EXPECT_THAT(pairs(), IsEmpty());
  driver_.commit();
  driver_.crash();
  driver_.commit();
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
}

class OrderPaymentPartitioned : public OrderPayment {
 protected:
  OrderPaymentPartitioned() : OrderPayment({.partitions = 3}) {}
};

TEST_F(OrderPaymentPartitioned, PairsRecordsOfDifferentPartitions) {
  order("o1", 0, 0);
  payment("p1", "o1", 10, 2);
  EXPECT_THAT(pairs(), ElementsAre("o1 p1"));
  nothing_is_lost();
}

}  // namespace
}  // namespace weir::jobs
