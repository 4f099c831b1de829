#include "kafka/rdkafka_end_watch.h"

#include <functional>

#include <gtest/gtest.h>

#include "kafka/demo_cluster.h"

namespace weir::kafka {
namespace {

bool within(std::int64_t ms, const std::function<bool()>& done) {
  const std::int64_t end = EndWatch::now_ms() + ms;
  while (!done()) {
    if (EndWatch::now_ms() > end) return false;
  }
  return true;
}

TEST(EndWatch, AnEndIsKnownForAWhile) {
  EndWatch::Watched watched;
  watched.position = 7;
  watched.asked_ms = 50'000;
  EXPECT_TRUE(watched.is_at_end(50'000)) << "no answer yet, but the reader has come to the end";
  watched.end = 7;
  EXPECT_TRUE(watched.is_at_end(60'000));
  EXPECT_FALSE(watched.is_at_end(60'001)) << "who knows";
  watched.end = 8;
  EXPECT_FALSE(watched.is_at_end(50'000)) << "there is one more";
  watched.position = 9;
  EXPECT_TRUE(watched.is_at_end(50'000));
}

// A partition that was read to its end is not silent because its broker is away: its time must not
// go on, or what it got meanwhile is late.
TEST(EndWatch, OfABrokerThatIsAwayNobodyKnowsTheEnd) {
  auto demo = make_demo_cluster({});
  ASSERT_TRUE(demo.ok()) << demo.outcome.text;
  const std::vector<TopicSpec> topics = {{.name = "orders", .partitions = 2}};
  ASSERT_TRUE(demo.value->admin().value->create_topics(topics).ok());
  auto cluster = connect({.brokers = demo.value->brokers()});
  auto reader = std::move(cluster->reader({}).value);
  const std::vector<Start> starts = {{{"orders", 0}, 0, 0}, {{"orders", 1}, 0, 1}};
  reader->start(starts);
  const auto at_end = [&] {
    reader->poll(Duration{50});
    return reader->read(0, 10).at_end && reader->read(1, 10).at_end;
  };
  ASSERT_TRUE(within(20'000, at_end));
  EXPECT_FALSE(within(11'000, [&] { return !at_end(); })) << "asked again and again";
  demo.value.reset();
  EXPECT_TRUE(within(20'000, [&] { return !at_end(); }));
}

}  // namespace
}  // namespace weir::kafka
