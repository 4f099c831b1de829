// Golden bytes of what operators keep and send, worked out by hand from weir/detail/layout.h. A
// change here is another version of the layout: states and changelogs in the field are of this one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/aggregate.h>
#include <weir/stream.h>
#include <weir/testing.h>

namespace weir::layout_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using Text = std::string;
const Topic<Text, Text> kLeft{"left"};
const Topic<Text, Text> kRight{"right"};
const Topic<Text, Text> kOut{"out"};
const Topic<Windowed<Text>, std::int64_t> kCounts{"counts"};

Text hex(const std::optional<Text>& bytes) {
  if (!bytes) return "null";
  constexpr const char* kDigits = "0123456789abcdef";
  Text out;
  for (const char byte : *bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

// The records of an internal topic as "key value" in hex, in the order of their keys.
std::vector<Text> lines(TestDriver& driver, const Text& topic) {
  std::vector<Text> found;
  for (const LogRecord& record : driver.read(topic)) {
    found.push_back(hex(record.key) + " " + hex(record.value));
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Layout, RowsOfWindows) {
  Builder builder;
  builder.stream(kLeft)
      .group_by_key()
      .windowed(Windows{.size = 10ms, .every = 5ms})
      .count("c")
      .to(kCounts);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 12);
  EXPECT_THAT(lines(t, "c-changelog"),
              ElementsAre("00 01800000000000000c",  // Stage time 12.
                          "800000000000000a6b0000 011802"));
}

TEST(Layout, RowsOfSetsTellTheirNews) {
  Builder builder;
  const auto users = aggregates(distinct([](const Text& value) { return value; }));
  builder.stream(kLeft)
      .group_by_key()
      .windowed(Windows{.size = 1s})
      .aggregate("c", users.start(), users)
      .map_values([](const auto&) { return std::int64_t{0}; })
      .to(kCounts);
  TestDriver t(*builder.build(), {.commit_each = false});
  for (int i = 0; i < 100; ++i) t.send(kLeft, "k", "user-" + std::to_string(1000 + i), 1);
  t.commit();
  const auto whole = t.read("c-changelog");
  ASSERT_EQ(whole.size(), 2U);
  t.send(kLeft, "k", "x", 1);
  t.commit();
  const auto news = lines(t, "c-changelog");
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news.front().substr(0, 28), "8000000000000000016b00000000");
}

TEST(Layout, RowsOfSessions) {
  Builder builder;
  builder.stream(kLeft).group_by_key().windowed(Session{.gap = 9ms}).count("c").to(kCounts);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 10);
  t.send(kLeft, "k", "v", 12);
  EXPECT_THAT(lines(t, "c-changelog"),
              ElementsAre("00 01800000000000000a", "00 01800000000000000c",
                          "800000000000000a6b 0101140002",    // One, ends at 10, count 1.
                          "800000000000000a6b 0101180204"));  // Ends at 12, 2 long, count 2.
}

TEST(Layout, RowsOfWindowsPerEvent) {
  Builder builder;
  builder.stream(kLeft).group_by_key().windowed(PerEvent{.size = 9ms}).count("c").to(kCounts);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 12);
  EXPECT_THAT(lines(t, "c-changelog"),
              ElementsAre("00 01800000000000000c", "800000000000000a6b 01020000020176"));
}

TEST(Layout, RowsOfJoins) {
  Builder builder;
  const auto both = [](const Text* left, const Text* right) {
    return (left ? *left : "") + (right ? *right : "");
  };
  builder.stream(kLeft)
      .join("j", builder.stream(kRight), both, {.within = 10ms, .type = JoinType::left})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 12);
  t.send(kRight, "q", "w", 13);
  const auto left = lines(t, "j-left-changelog");
  const auto right = lines(t, "j-right-changelog");
  ASSERT_FALSE(left.empty());
  ASSERT_FALSE(right.empty());
  // Buckets of half the way that a join looks: both rows lie in the one that begins at 10.
  EXPECT_EQ(left.back(), "800000000000000a6b 01010200020176");
  EXPECT_EQ(right.back(), "800000000000000a71 01000300020177");
}

TEST(Layout, RowsOfMatches) {
  Builder builder;
  const auto id = [](const Text& value) { return value; };
  const auto matched =
      builder.stream(kLeft).match_once("m", builder.stream(kRight), id, {.within = 10ms});
  matched.pairs.map_values([](const auto& pair) { return pair.left; }).to(kOut);
  TestDriver t(*builder.build());
  t.send(kRight, "k", "p", 0);
  t.send(kLeft, "q", "o", 0);
  t.send(kRight, "q", "p", 0);
  const Text zero = "0000000000000000";
  const Text seen = "73" + zero, matched_right = "6d" + zero, id_p = "69" + zero + "0170";
  EXPECT_THAT(lines(t, "m-changelog"),
              ElementsAre("00 018000000000000000",
                          "80000000000000006b 01" + id_p + "72" + zero + "020170",  // "p" waits.
                          "800000000000000071 01" + seen + id_p + matched_right,
                          "800000000000000071 01" + seen + "6c" + zero + "02016f"));  // "o" waits.
}

TEST(Layout, RowsOfDeduplicate) {
  Builder builder;
  builder.stream(kLeft)
      .deduplicate("d", [](const Text& value) { return value; }, {.within = 10ms})
      .to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "id", 12);
  EXPECT_THAT(lines(t, "d-changelog"),
              ElementsAre("00 01800000000000000c", "800000000000000a6964 0118"));
}

TEST(Layout, RecordsAndMarkersOfRepartitionTopics) {
  Builder builder;
  builder.stream(kLeft).rekey([](const Text& value) { return value; }).repartition("r").to(kOut);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 12);
  t.send(kLeft, "k", "w", 11);
  EXPECT_THAT(lines(t, "r-repartition"),
              ElementsAre("76 020176",                      // Nothing was observed before.
                          "77 01020177",                    // 12 was: 1 ahead.
                          "null 030001000000000000000003",  // At first: nothing, all of it read.
                          "null 030001800000000000000c02"));
}

// FNV-1a of "left" is 124aec70.
TEST(Layout, RecordsOfRepartitionTopicsTellTheirPlaceWhereThereAreDeadLetters) {
  Builder builder(ErrorPolicy{.dead_letters = "dead"});
  builder.stream(kLeft).rekey([](const Text& value) { return value; }).repartition("r").to(kOut);
  TestDriver t(*builder.build(), {.partitions_of = {{"left", 2}}});
  t.send(kLeft, "k", "v", 12, 0);
  t.send(kLeft, "k", "w", 11, 0);
  t.send(kLeft, "k", "x", 13, 1);
  std::vector<Text> records = lines(t, "r-repartition");
  std::erase_if(records, [](const Text& line) { return line.starts_with("null"); });
  EXPECT_THAT(records, ElementsAre("76 06124aec7000000176",    // Partition 0, offset 0.
                                   "77 0502124aec7000010177",  // 1 ahead; offset 1.
                                   "78 06124aec7001000178"));  // Partition 1, offset 0.
}

TEST(Layout, Partials) {
  Builder builder;
  const Topic<Windowed<NoKey>, std::int64_t> totals{"totals"};
  builder.stream(kLeft).group_all().windowed(Windows{.size = 5ms}).count("c").to(totals);
  TestDriver t(*builder.build());
  t.send(kLeft, "k", "v", 12);
  const auto found = lines(t, "c-repartition");
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(),
            " 02"
            "14"
            "00"
            "01"
            "18"
            "02");  // Pane 10, none missed, one, at 12: 1.
}

}  // namespace
}  // namespace weir::layout_test
