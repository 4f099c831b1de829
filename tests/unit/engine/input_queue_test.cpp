#include "engine/input_queue.h"

#include <deque>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <malloc.h>

namespace weir::engine {
namespace {

InputRecord record(std::int64_t offset, std::optional<std::string_view> key,
                   std::optional<std::string_view> value, Headers headers = {}) {
  return {.topic = "t",
          .partition = 3,
          .offset = offset,
          .timestamp = offset * 10,
          .key = key,
          .value = value,
          .headers = headers};
}

TEST(InputQueue, GivesBackWhatWasPutInOldestFirst) {
  InputQueue queue;
  queue.push(record(1, "k1", "v1"));
  queue.push(record(2, std::nullopt, ""));
  ASSERT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.front().key, "k1");
  EXPECT_EQ(queue.front().value, "v1");
  EXPECT_EQ(queue.front().timestamp, 10);
  EXPECT_EQ(queue.front().partition, 3);
  queue.pop();
  EXPECT_EQ(queue.front().key, std::nullopt);
  EXPECT_EQ(queue.front().value, "");
  queue.pop();
  EXPECT_TRUE(queue.empty());
}

TEST(InputQueue, CopiesTheBytes) {
  InputQueue queue;
  std::string key = "key", value = "value";
  queue.push(record(1, key, value));
  key = "xxx";
  value = "xxxxx";
  EXPECT_EQ(queue.front().key, "key");
  EXPECT_EQ(queue.front().value, "value");
}

TEST(InputQueue, ShowsWhatOthersKeepWithoutACopy) {
  InputQueue queue;
  const std::string value = "value";
  queue.push_view(record(1, std::nullopt, value));
  queue.push(record(2, "k", "v"));
  EXPECT_EQ(queue.bytes(), 7U);
  EXPECT_EQ(queue.front().value->data(), value.data());
  EXPECT_EQ(queue.front().key, std::nullopt);
  queue.pop();
  EXPECT_EQ(queue.bytes(), 2U);
  EXPECT_EQ(queue.front().value, "v");
}

// Headers are shown for a moment only, whoever keeps the record.
TEST(InputQueue, CopiesARecordThatHasHeaders) {
  InputQueue queue;
  std::vector<Header> headers = {{"a", "1"}};
  queue.push_view(record(1, "k", "v", headers));
  headers[0].name = "b";
  EXPECT_EQ(queue.front().headers[0].name, "a");
  EXPECT_EQ(queue.front().value, "v");
}

TEST(InputQueue, KeepsHeadersWithRepeatsAndNulls) {
  InputQueue queue;
  const Header headers[] = {{"a", "1"}, {"a", std::nullopt}, {"", ""}};
  queue.push(record(1, "k", "v", headers));
  const Headers kept = queue.front().headers;
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].name, "a");
  EXPECT_EQ(kept[0].value, "1");
  EXPECT_EQ(kept[1].value, std::nullopt);
  EXPECT_EQ(kept[2].name, "");
  EXPECT_EQ(kept[2].value, "");
}

TEST(InputQueue, CountsTheBytesItHolds) {
  InputQueue queue;
  queue.push(record(1, "abc", "12345"));
  queue.push(record(2, std::nullopt, "1"));
  EXPECT_EQ(queue.bytes(), 9U);
  queue.pop();
  EXPECT_EQ(queue.bytes(), 1U);
  queue.clear();
  EXPECT_EQ(queue.bytes(), 0U);
  EXPECT_TRUE(queue.empty());
}

// Large records pass through many places; if each kept their memory, that would add up.
TEST(InputQueue, GivesTheMemoryOfLargeRecordsBack) {
  InputQueue queue;
  const std::string large(100'000, 'v');
  const std::size_t before = mallinfo2().uordblks;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 300; ++i) queue.push(record(i, "k", i % 30 == round ? large : "small"));
    while (!queue.empty()) queue.pop();
  }
  for (int i = 0; i < 100; ++i) queue.push(record(i, "k", large));
  queue.clear();
  EXPECT_LT(mallinfo2().uordblks, before + 2'000'000);
}

TEST(InputQueue, KeepsTheOrderThroughAnyMixOfPushesAndPops) {
  std::mt19937 random(7);
  InputQueue queue;
  std::deque<std::string> model;
  std::int64_t next = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (model.empty() || random() % 5 < 3 - (model.size() > 200 ? 2 : 0)) {
      model.push_back(std::string(random() % 40, static_cast<char>('a' + next % 26)));
      queue.push(record(next++, model.back(), model.back()));
    } else {
      ASSERT_EQ(queue.front().value, model.front());
      queue.pop();
      model.pop_front();
    }
    ASSERT_EQ(queue.size(), model.size());
  }
}

}  // namespace
}  // namespace weir::engine
