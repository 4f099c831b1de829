#include "run/broker_words.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

TEST(PlainWords, LeaveTheWrappingOut) {
  EXPECT_EQ(plain_words("FAIL: [thrd:ssl://a:1/bootstrap]: ssl://a:1/bootstrap: Connect to "
                        "ipv4#a:1 failed: Connection refused (after 0ms in state CONNECT)"),
            "a:1: Connect to a:1 failed: Connection refused");
  EXPECT_EQ(plain_words("FAIL: [thrd:sasl_ssl://a:1/bootstrap]: sasl_ssl://a:1/bootstrap: SASL "
                        "authentication error: no (after 3ms in state AUTH_REQ, 1 identical "
                        "error(s) suppressed)"),
            "a:1: SASL authentication error: no");
}

TEST(PlainWords, AreFoundInTheMiddleOfAMessage) {
  EXPECT_EQ(plain_words("no broker answers: FAIL: [thrd:a:1/bootstrap]: a:1/bootstrap: gone"),
            "no broker answers: a:1: gone");
}

TEST(PlainWords, LeaveOtherTextAlone) {
  for (const char* text : {"", "FAIL: it (after 3 tries)", "[thrd:", "the topic 'x' is gone"}) {
    EXPECT_EQ(plain_words(text), text);
  }
}

TEST(PlainWords, NameNoClients) {
  EXPECT_EQ(plain_words("GETPID: [thrd:main]: rdkafka#producer-9: a:1: slow"), "a:1: slow");
}

TEST(BrokerWords, SayAThingOnceInHalfAMinute) {
  BrokerWords words;
  const char* refused =
      "FAIL: [thrd:a:1/bootstrap]: a:1/bootstrap: refused (after 0ms in state UP)";
  const char* again = "FAIL: [thrd:a:1/bootstrap]: a:1/bootstrap: refused (after 9ms in state UP)";
  EXPECT_EQ(words.told(refused, 0), "a:1: refused");
  EXPECT_EQ(words.told(again, 29'999), std::nullopt);
  EXPECT_EQ(words.told("FAIL: [thrd:a:1/bootstrap]: a:1/bootstrap: gone", 29'999), "a:1: gone");
  EXPECT_EQ(words.told(again, 30'000), "a:1: refused");
}

TEST(BrokerWords, LeaveEchoesOut) {
  BrokerWords words;
  EXPECT_EQ(words.told("ERROR: [thrd:a:1/bootstrap]: 1/1 brokers are down", 0), std::nullopt);
  EXPECT_EQ(words.told("REQTMOUT: [thrd:a]: a/1: Timed out", 0), std::nullopt);
}

TEST(BrokerWords, PassOnWhatWeirSaysItself) {
  BrokerWords words;
  EXPECT_EQ(words.told("a worker was replaced", 0), "a worker was replaced");
  EXPECT_EQ(words.told("a worker was replaced", 0), "a worker was replaced");
}

}  // namespace
}  // namespace weir::run
