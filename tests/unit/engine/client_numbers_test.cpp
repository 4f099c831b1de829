#include "engine/client_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::engine {
namespace {

using Client = AppSnapshot::Client;

// The shape that librdkafka's STATISTICS.md describes, with the members that matter and some more.
std::string statistics(const std::string& name, const std::string& type, int at,
                       const std::string& round_trip = "1500") {
  return R"({"name": ")" + name + R"(", "client_id": "c", "type": ")" + type +
         R"(", "ts": 5, "time": )" + std::to_string(at) + R"(, "msg_cnt": 22, "brokers": {
    "127.0.0.1:9092/bootstrap": {"name": "127.0.0.1:9092/bootstrap", "nodeid": -1,
      "nodename": "127.0.0.1:9092", "txerrs": 9},
    "127.0.0.1:9092/2": {"name": "127.0.0.1:9092/2", "nodeid": 2, "nodename": "127.0.0.1:9092",
      "state": "UP", "outbuf_cnt": 1, "outbuf_msg_cnt": 70, "waitresp_cnt": 2, "txerrs": 3,
      "rxerrs": 4, "req_timeouts": 5, "rtt": {"min": 580, "max": 9999, "avg": )" +
         round_trip + R"(, "cnt": 3}, "toppars": {"t-0": {"topic": "t", "partition": 0}}}},
    "topics": {"t": {"topic": "t", "partitions": {
      "0": {"partition": 0, "fetchq_cnt": 30}, "1": {"partition": 1, "fetchq_cnt": 12},
      "-1": {"partition": -1, "fetchq_cnt": 0}}}}, "txmsgs": 1})";
}

TEST(ClientNumbers, TakesWhatOneClientTells) {
  ClientNumbers numbers;
  numbers.take(statistics("rdkafka#consumer-1", "consumer", 1000));
  const std::vector<Client> all = numbers.all();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].kind, "consumer");
  EXPECT_EQ(all[0].queued, 42U);
  ASSERT_EQ(all[0].brokers.size(), 1U);  // The one that it starts from is the same one.
  const Client::Broker& broker = all[0].brokers[0];
  EXPECT_EQ(broker.address, "127.0.0.1:9092");
  EXPECT_DOUBLE_EQ(broker.round_trip_seconds, 0.0015);
  EXPECT_EQ(broker.waiting, 3U);
  EXPECT_EQ(broker.errors, 7U);
  EXPECT_EQ(broker.timeouts, 5U);
}

TEST(ClientNumbers, AddsUpTheClientsOfAKind) {
  ClientNumbers numbers;
  numbers.take(statistics("rdkafka#producer-2", "producer", 1000));
  numbers.take(statistics("rdkafka#producer-3", "producer", 1005, "2500"));
  numbers.take(statistics("rdkafka#producer-3", "producer", 1010, "2000"));
  numbers.take(statistics("rdkafka#consumer-1", "consumer", 1010));
  const std::vector<Client> all = numbers.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].kind, "consumer");
  EXPECT_EQ(all[1].queued, 44U);
  EXPECT_EQ(all[1].brokers.at(0).errors, 14U);
  EXPECT_DOUBLE_EQ(all[1].brokers.at(0).round_trip_seconds, 0.002);
}

// A worker that was replaced left its counters, and no queue.
TEST(ClientNumbers, OfAClientThatIsGoneOnlyCountersStay) {
  ClientNumbers numbers;
  numbers.take(statistics("rdkafka#producer-1", "producer", 1000, "9000"));
  numbers.take(statistics("rdkafka#producer-2", "producer", 1200));
  const Client now = numbers.all().at(0);
  EXPECT_EQ(now.queued, 22U);
  EXPECT_EQ(now.brokers.at(0).waiting, 3U);
  EXPECT_EQ(now.brokers.at(0).errors, 14U);
  EXPECT_DOUBLE_EQ(now.brokers.at(0).round_trip_seconds, 0.0015);
}

TEST(ClientNumbers, AreCalmAboutAnything) {
  ClientNumbers numbers;
  for (const char* text :
       {"", "x", "[]", "{}", R"({"brokers": 1, "topics": 2})", R"({"type": "consumer", "name": 1,
        "brokers": {"a": 1, "b": {"nodeid": "x", "rtt": 5}}, "topics": {"t": {}}})"}) {
    numbers.take(text);
  }
  EXPECT_LE(numbers.all().size(), 2U);
}

}  // namespace
}  // namespace weir::engine
