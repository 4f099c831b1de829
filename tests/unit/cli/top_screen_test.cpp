#include "cli/top_screen.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace weir::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string step(const std::string& name, const std::string& kind, int in, int out,
                 const std::string& discarded, double busy, const std::string& times) {
  return R"({"step":")" + name + R"(","kind":")" + kind + R"(","in":)" + std::to_string(in) +
         R"(,"out":)" + std::to_string(out) + R"(,"discarded":)" + discarded +
         R"(,"busy_seconds":)" + std::to_string(busy) + R"(,"times":[)" + times +
         R"(],"open_windows":0,"stores":[],"entries":0,"bytes":0})";
}

// Two seconds apart.
std::string job(bool later, const std::string& waiting = "") {
  const int more = later ? 1 : 0;
  return R"({"job":"shop","state":"running","uptime_seconds":3725,"in":)" +
         std::to_string(1000 + more * 24'800) + R"(,"out":10,"dead_letters":3,"cpu_seconds":)" +
         std::to_string(5 + more) + R"(,"resident_bytes":212000000,"state_bytes":1200000000,)" +
         R"("restore_remaining":0,"sinks_waiting":{)" + waiting + R"(},"steps":[)" +
         step("orders", "source", 1000 + more * 24'800, 1000 + more * 24'800, "{}", 1.0 + more,
              "100,0,0") +
         "," +
         step("clean_orders_of_the_whole_shop.dedupe", "dedupe", 500, 400,
              R"({"late":1,"duplicate":)" + std::to_string(100 + more * 20) + "}", 0.5,
              "0," + std::to_string(50 + more * 98) + "," + std::to_string(more * 2)) +
         R"(],"streams":[{"stream":"orders","topic":"t","time":"2025-11-24T10:50:00Z",)" +
         R"("behind_seconds":31.2,"lag":312,"idle":1,"partitions":[)" +
         R"({"partition":0,"lag":12,"time":"2025-11-24T10:50:00Z","idle":false},)" +
         R"({"partition":1,"lag":300,"time":"2025-11-24T10:51:00Z","idle":true}]}]})";
}

std::string screen(const TopView& view) {
  const std::string now = job(true);
  const std::string before = job(false);
  return top_screen(JsonView(now), JsonView(before), JsonView("[1e-6,1e-5,1e-4]"), 2, view);
}

TEST(TopScreen, RatesAreOfTheTimeBetween) {
  const std::string text = screen({});
  EXPECT_THAT(text, HasSubstr("shop  running 01:02:05  in 12.4k/s  out 0/s  lag 312\n"));
  EXPECT_THAT(text, HasSubstr("dead letters 3  cpu 0.50  memory 212.0 MB  state 1.2 GB\n"));
  EXPECT_THAT(text, HasSubstr("50%"));
  EXPECT_THAT(text, HasSubstr("10 duplicate"));
  EXPECT_THAT(text, HasSubstr("100us"));  // 98 of the last 100 took less.
  EXPECT_THAT(text, HasSubstr("31.2s"));
  EXPECT_THAT(text, HasSubstr("1/2"));
  EXPECT_THAT(text, HasSubstr("partition 0"));
}

TEST(TopScreen, SaysWhichSinksAreWaitedFor) {
  EXPECT_THAT(screen({}), Not(HasSubstr("waits")));
  const std::string now = job(
      true, R"("mongodb":"MongoDB at db:27017: no suitable servers were found and it is late")");
  const std::string text =
      top_screen(JsonView(now), JsonView(now), JsonView("[1e-6,1e-5,1e-4]"), 2, {.columns = 60});
  EXPECT_THAT(text, HasSubstr("\nmongodb waits: MongoDB at db:27017: no suitable servers were\n"
                              "  found and it is late\n\nSTEP"));
}

TEST(TopScreen, FarBehindIsToldInDaysAndHours) {
  std::string now = job(true);
  now.replace(now.find("31.2"), 4, "32134129.1");
  const auto text = top_screen(JsonView(now), JsonView(now), JsonView("[1e-6]"), 2, {});
  EXPECT_THAT(text, HasSubstr("  371d 22h  "));
}

TEST(TopScreen, FitsTheTerminal) {
  const std::string text = screen({.columns = 80});
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  EXPECT_LE(longest, 80U);
  EXPECT_THAT(text, HasSubstr("_shop.dedupe"));
  EXPECT_THAT(text, HasSubstr("100us"));
  EXPECT_THAT(screen({.columns = 120}), HasSubstr("clean_orders_of_the_whole_shop.dedupe"));
}

TEST(TopScreen, SortsAndFilters) {
  const std::string by_drops = screen({.sort = "dropped"});
  EXPECT_LT(by_drops.find("dedupe"), by_drops.find("source"));
  const std::string by_in = screen({.sort = "in"});
  EXPECT_GT(by_in.find("dedupe"), by_in.find("source"));
  EXPECT_THAT(screen({.filter = "source"}), Not(HasSubstr("dedupe")));
}

TEST(TopScreen, NumbersAreShort) {
  EXPECT_EQ(compact(0), "0");
  EXPECT_EQ(compact(0.25), "0.2");
  EXPECT_EQ(compact(312), "312");
  EXPECT_EQ(compact(12'440), "12.4k");
  EXPECT_EQ(compact(999'900), "1000k");
  EXPECT_EQ(compact(86'400'000), "86.4M");
}

}  // namespace
}  // namespace weir::cli
