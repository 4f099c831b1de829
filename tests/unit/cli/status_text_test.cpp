#include "cli/status_text.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

constexpr Timestamp kNow = 1'764'583'200'000;  // 2025-12-01T10:00:00Z

TEST(StatusText, SaysHowAJobIs) {
  EXPECT_EQ(
      status_text(R"([{"job":"orders","state":"running","in":14402,"out":7,"commits":3,)"
                  R"("tasks":9,"restore_remaining":0,"discarded":{"duplicate":1204,"late":2},)"
                  R"("dead_letters":{"late":2},"inputs":[)"
                  R"({"topic":"a","partition":0,"committed":9,"lag":40,)"
                  R"("time":"2025-12-01T09:59:10Z","idle":false},)"
                  R"({"topic":"a","partition":1,"committed":9,"lag":2,)"
                  R"("time":"2025-12-01T09:57:12Z","idle":false},)"
                  R"({"topic":"a","partition":2,"committed":0,"lag":-1,"time":null,)"
                  R"("idle":true}],"sinks_waiting":{}}])",
                  kNow, 80),
      "orders   running\n"
      "  in 14,402   out 7   lag 42\n"
      "  time           2025-12-01T09:57:12Z, 2m 48s ago\n"
      "  discarded      duplicate 1,204, late 2\n"
      "  dead letters   late 2\n");
}

TEST(StatusText, BreaksLinesBetweenWords) {
  EXPECT_EQ(status_text(R"([{"job":"b","state":"restoring","in":0,"out":0,)"
                        R"("restore_remaining":1200000,"discarded":{},"dead_letters":{},)"
                        R"("inputs":[],"sinks_waiting":{"mongodb":"nobody \"there\" at )"
                        R"(127.0.0.1:27017 since a while"}},)"
                        R"({"job":"c","state":"failed"}])",
                        kNow, 40),
            "b   restoring\n"
            "  in 0   out 0   lag 0\n"
            "  restoring      1,200,000 records to go\n"
            "  waits for      mongodb: nobody \"there\"\n"
            "                 at 127.0.0.1:27017\n"
            "                 since a while\n"
            "c   failed\n"
            "  in 0   out 0   lag 0\n");
}

TEST(StatusText, TakesNoHarmFromWhatIsNone) {
  EXPECT_EQ(status_text("", kNow, 80), "");
  EXPECT_EQ(status_text("[{}]", kNow, 80), "   \n  in 0   out 0   lag 0\n");
  EXPECT_EQ(status_text("<html>", kNow, 80), "");
}

}  // namespace
}  // namespace weir::cli
