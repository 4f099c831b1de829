#include "engine/held_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/task.h"

namespace weir::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps the last record.
class Outbox final : public TaskOutput {
 public:
  int open(std::string_view, bool) override { return 0; }
  int partitions(int) const override { return 1; }
  void send(const OutputRecord& record) override {
    key = record.key.value_or("null");
    value = record.value.value_or("null");
    timestamp = record.timestamp;
    headers.clear();
    for (const Header& header : record.headers) {
      headers.push_back(std::string(header.name) + "=" + std::string(header.value.value_or("-")));
    }
  }
  std::string key, value;
  Timestamp timestamp = 0;
  std::vector<std::string> headers;
};

// What the letter was made of is gone by the time it is sent.
HeldLetter letter() {
  std::string topic = "job-x-repartition", value = "\x06 bytes", text = "too late";
  const Header header{"h", std::nullopt};
  InputRecord record{.topic = topic, .partition = 1, .offset = 8, .timestamp = 77};
  record.value = value;
  record.headers = {&header, 1};
  return HeldLetter({origin_topic("orders"), 2, 1234}, {"job", "step", "late", text}, record);
}

TEST(HeldLetter, IsTheOriginalWhereThatIsFound) {
  Outbox outbox;
  InputRecord original{.topic = "orders", .partition = 2, .offset = 1234, .timestamp = 70};
  original.key = "k";
  original.value = "{}";
  letter().send(&original, "job", 0, outbox);
  EXPECT_EQ(outbox.key, "k");
  EXPECT_EQ(outbox.value, "{}");
  EXPECT_EQ(outbox.timestamp, 70);
  EXPECT_THAT(outbox.headers,
              ElementsAre("__streams.errors.exception=late", "__streams.errors.message=too late",
                          "__streams.errors.topic=orders", "__streams.errors.partition=2",
                          "__streams.errors.offset=1234", "weir.job=job", "weir.step=step",
                          "weir.reason=late", HasSubstr("weir.version=")));
}

TEST(HeldLetter, IsWhatTheTaskReadWhereTheOriginalIsGone) {
  Outbox outbox;
  letter().send(nullptr, "job", 0, outbox);
  EXPECT_EQ(outbox.key, "null");
  EXPECT_EQ(outbox.value, "\x06 bytes");
  EXPECT_EQ(outbox.timestamp, 77);
  ASSERT_EQ(outbox.headers.size(), 10U);
  EXPECT_EQ(outbox.headers[0], "h=-");
  EXPECT_EQ(outbox.headers[2],
            "__streams.errors.message=too late (the original, offset 1234 of partition 2 of its "
            "source topic, cannot be read any more)");
  EXPECT_EQ(outbox.headers[3], "__streams.errors.topic=job-x-repartition");
  EXPECT_EQ(outbox.headers[5], "__streams.errors.offset=8");
}

TEST(HeldLetter, KnowsHowLargeItIs) { EXPECT_GT(letter().bytes(), sizeof(HeldLetter) + 10); }

// FNV-1a's own test values: the hash lies in repartition topics.
TEST(HeldLetter, HashesTopicsAsTheLayoutTells) {
  EXPECT_EQ(origin_topic(""), 0x811c9dc5U);
  EXPECT_EQ(origin_topic("a"), 0xe40c292cU);
  EXPECT_EQ(origin_topic("foobar"), 0xbf9cf968U);
}

}  // namespace
}  // namespace weir::engine
