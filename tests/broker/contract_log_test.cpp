// What every cluster promises about logs, readers and plain producers.
#include <gmock/gmock.h>

#include "broker/contract.h"
#include "kafka/partitioner.h"

namespace weir::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class LogContract : public Contract {};

TEST_F(LogContract, GivesBackWhatWasWritten) {
  const std::string topic = make_topic();
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  const std::vector<Header> headers = {{"a", "1"}, {"a", "2"}, {"none", std::nullopt}, {"", ""}};
  const Timestamp now = world()->now();
  const std::vector<kafka::Outgoing> records = {
      {.topic = id, .partition = 0, .key = "k", .value = "v", .timestamp = now},
      {.topic = id, .partition = 0, .key = "", .value = "", .timestamp = now - 5},
      {.topic = id, .partition = 0, .timestamp = 1},
      {.topic = id,
       .partition = 0,
       .value = std::string_view("\0\xff", 2),
       .timestamp = now,
       .headers = headers}};
  for (const auto& record : records) ASSERT_TRUE(producer->produce(record).ok());
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());

  const auto seen = read_all(topic);
  ASSERT_THAT(seen, SizeIs(4));
  EXPECT_EQ(seen[0].key, "k");
  EXPECT_EQ(seen[0].value, "v");
  EXPECT_EQ(seen[0].timestamp, now);
  EXPECT_THAT(seen[0].headers, IsEmpty());
  EXPECT_EQ(seen[1].key, "") << "an empty key is not a null key";
  EXPECT_EQ(seen[1].value, "");
  EXPECT_EQ(seen[1].timestamp, now - 5);
  EXPECT_EQ(seen[2].key, std::nullopt);
  EXPECT_EQ(seen[2].value, std::nullopt);
  EXPECT_EQ(seen[2].timestamp, 1);
  EXPECT_EQ(seen[3].value, std::string("\0\xff", 2));
  EXPECT_THAT(seen[3].headers,
              ElementsAre(Pair("a", std::optional<std::string>("1")),
                          Pair("a", std::optional<std::string>("2")), Pair("none", std::nullopt),
                          Pair("", std::optional<std::string>(""))));
  EXPECT_EQ(seen[3].offset, 3);
}

TEST_F(LogContract, TellsRecordsWithHeadersFromThoseWithout) {
  const std::string topic = make_topic();
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  const std::vector<Header> headers = {{"h", "1"}};
  const std::string values[] = {"", std::string("\0\0", 2), "value", std::string(10'000, 'x')};
  constexpr int kRecords = 64;
  for (int i = 0; i < kRecords; ++i) {
    kafka::Outgoing record{.topic = id, .partition = 0, .key = "k", .timestamp = world()->now()};
    if (i % 5 != 4) record.value = values[i % 4];
    if (i % 3 == 0) record.headers = headers;
    ASSERT_TRUE(producer->produce(record).ok());
  }
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  const auto seen = read_all(topic);
  ASSERT_THAT(seen, SizeIs(kRecords));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_THAT(seen[i].headers, SizeIs(i % 3 == 0 ? 1 : 0)) << i;
  }
}

TEST_F(LogContract, ChoosesThePartitionOfAKeyAsJavaDoes) {
  const std::string topic = make_topic(7);
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  EXPECT_EQ(producer->partitions(id), 7);
  std::vector<std::vector<std::string>> expected(7);
  for (int i = 0; i < 40; ++i) {
    const std::string key = i == 0 ? std::string() : "key-" + std::to_string(i);
    expected[static_cast<std::size_t>(kafka::partition_of(key, 7))].push_back(key);
    ASSERT_TRUE(
        producer->produce({.topic = id, .key = key, .value = key, .timestamp = world()->now()})
            .ok());
  }
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  for (std::int32_t i = 0; i < 7; ++i) {
    EXPECT_EQ(values(read_all(topic, i)), expected[static_cast<std::size_t>(i)]);
  }
}

TEST_F(LogContract, PutsARecordWithoutAKeyAnywhere) {
  const std::string topic = make_topic(3);
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(producer->produce({.topic = id, .value = "x", .timestamp = 1}).ok());
  }
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  std::size_t found = 0;
  for (std::int32_t i = 0; i < 3; ++i) found += read_all(topic, i).size();
  EXPECT_EQ(found, 30U);
}

TEST_F(LogContract, TellsWhereItsRecordsEnd) {
  const std::string topic = make_topic(2);
  write(topic, {"before"}, 1);
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  EXPECT_EQ(producer->delivered(id, 0), kafka::kNoOffset);
  put(*producer, topic, "a", 1);
  put(*producer, topic, "b", 1);
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  EXPECT_EQ(producer->delivered(id, 0), kafka::kNoOffset);
  EXPECT_EQ(producer->delivered(id, 1), 3);
}

TEST_F(LogContract, HasNoTopicThatNobodyMade) {
  auto producer = make_producer();
  auto id = again([&] { return producer->open(world()->unique("nowhere"), kWait); });
  EXPECT_EQ(id.outcome.fault, Fault::kMissing) << id.outcome.text;
}

TEST_F(LogContract, ReadsAtMostWhatWasAskedFor) {
  const std::string topic = make_topic();
  std::vector<std::string> written;
  for (int i = 0; i < 25; ++i) written.push_back(std::to_string(i));
  write(topic, written);
  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 5, 3}};
  reader.value->start(starts);
  std::vector<Seen> seen;
  ASSERT_TRUE(world()->until([&] {
    reader.value->poll(Duration{10});
    const std::size_t before = seen.size();
    const kafka::Batch batch = take(*reader.value, 3, {topic, 0}, seen, 7);
    EXPECT_LE(seen.size() - before, 7U);
    if (!batch.records.empty() && !batch.at_end) {
      EXPECT_EQ(batch.next_offset, batch.records.back().offset + 1);
    }
    return batch.at_end;
  }));
  EXPECT_EQ(values(seen), std::vector<std::string>(written.begin() + 5, written.end()));
}

TEST_F(LogContract, StaysAtTheEndUntilARecordComes) {
  const std::string topic = make_topic();
  write(topic, {"a"});
  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 0, 0}};
  reader.value->start(starts);
  std::vector<Seen> seen;
  const auto at_end = [&] {
    reader.value->poll(Duration{10});
    return take(*reader.value, 0, {topic, 0}, seen).at_end;
  };
  ASSERT_TRUE(world()->until(at_end));
  EXPECT_TRUE(at_end());
  EXPECT_TRUE(at_end());
  write(topic, {"b"});
  ASSERT_TRUE(world()->until([&] { return at_end() && seen.size() == 2; }));
  EXPECT_EQ(reader.value->read(0, 10).next_offset, 2);
}

TEST_F(LogContract, SeeksBackAndForth) {
  const std::string topic = make_topic();
  write(topic, {"a", "b", "c", "d"});
  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 0, 0}};
  reader.value->start(starts);
  const auto read_to_end = [&] {
    std::vector<Seen> seen;
    EXPECT_TRUE(world()->until([&] {
      reader.value->poll(Duration{10});
      return take(*reader.value, 0, {topic, 0}, seen).at_end;
    }));
    return values(seen);
  };
  EXPECT_THAT(read_to_end(), ElementsAre("a", "b", "c", "d"));
  reader.value->seek(0, 1);
  EXPECT_THAT(read_to_end(), ElementsAre("b", "c", "d"));
  reader.value->seek(0, 3);
  EXPECT_THAT(read_to_end(), ElementsAre("d"));
  reader.value->seek(0, 4);
  EXPECT_THAT(read_to_end(), IsEmpty());
}

TEST_F(LogContract, APartitionThatIsNotReadHoldsBackNobody) {
  const std::string topic = make_topic(2);
  write(topic, {"a"}, 0);
  write(topic, {"b"}, 1);
  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 0, 0}, {{topic, 1}, 0, 1}};
  reader.value->start(starts);
  std::vector<Seen> seen;
  ASSERT_TRUE(world()->until([&] {
    reader.value->poll(Duration{10});
    return take(*reader.value, 1, {topic, 1}, seen).at_end;
  }));
  EXPECT_THAT(values(seen), ElementsAre("b"));
  const std::vector<kafka::Slot> stopped = {1};
  reader.value->stop(stopped);
  ASSERT_TRUE(world()->until([&] {
    reader.value->poll(Duration{10});
    return take(*reader.value, 0, {topic, 0}, seen).at_end;
  }));
  EXPECT_THAT(values(seen), ElementsAre("b", "a"));
}

TEST_F(LogContract, TellsOfAnOffsetThatIsGone) {
  const std::string topic = make_topic();
  write(topic, {"a", "b", "c"});
  const std::vector<Position> before = {{{topic, 0}, 2}};
  ASSERT_TRUE(again([&] { return admin().delete_records(before); }).ok());
  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 1, 0}};
  reader.value->start(starts);
  std::vector<Event> events;
  std::vector<Seen> seen;
  ASSERT_TRUE(world()->until([&] {
    take(*reader.value, 0, {topic, 0}, seen);
    for (const Event& event : reader.value->poll(Duration{10})) events.push_back(event);
    return !events.empty();
  }));
  EXPECT_EQ(events[0].kind, Event::Kind::kOffsetGone);
  EXPECT_THAT(events[0].partitions, ElementsAre(Partition{topic, 0}));
  EXPECT_THAT(seen, IsEmpty());
  reader.value->seek(0, 2);
  ASSERT_TRUE(world()->until([&] {
    reader.value->poll(Duration{10});
    return take(*reader.value, 0, {topic, 0}, seen).at_end;
  }));
  EXPECT_THAT(values(seen), ElementsAre("c"));
}

TEST_F(LogContract, RefusesARecordThatIsTooLarge) {
  const std::string topic = make_topic(1, {{"max.message.bytes", "2000"}});
  auto producer = make_producer();
  const kafka::TopicId id = open(*producer, topic);
  // Noise, so that compression does not make it small.
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 5000; ++i, x = x * 1664525 + 1013904223) {
    noise.push_back(static_cast<char>(x >> 24));
  }
  ASSERT_TRUE(
      producer
          ->produce(
              {.topic = id, .partition = 0, .value = noise, .timestamp = world()->now(), .tag = 77})
          .ok());
  const Outcome flushed = again([&] { return producer->flush(kWait); });
  EXPECT_EQ(flushed.fault, Fault::kTooLarge) << flushed.text;
  const auto refused = producer->refused();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].tag, 77U);
  EXPECT_EQ(refused[0].topic, id);
  EXPECT_EQ(refused[0].outcome.fault, Fault::kTooLarge);
  EXPECT_EQ(refused[0].outcome.text.find(noise.substr(0, 20)), std::string::npos)
      << "what is refused is no business of a log";
  EXPECT_TRUE(producer->refused().empty());

  const std::string huge(kafka::kRecordBytesMax + 1, 'x');
  const Outcome at_once =
      producer->produce({.topic = id, .partition = 0, .value = huge, .timestamp = 0});
  EXPECT_EQ(at_once.fault, Fault::kTooLarge) << at_once.text;
}

TEST_F(LogContract, RefusesATimestampTooFarAhead) {
  const std::string topic = make_topic();
  const std::string patient =
      make_topic(1, {{"message.timestamp.after.max.ms", "9223372036854775807"}});
  auto producer = make_producer();
  const Timestamp tomorrow = world()->now() + 86'400'000;
  ASSERT_TRUE(producer
                  ->produce({.topic = open(*producer, patient),
                             .partition = 0,
                             .value = "x",
                             .timestamp = tomorrow})
                  .ok());
  EXPECT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  ASSERT_TRUE(producer
                  ->produce({.topic = open(*producer, topic),
                             .partition = 0,
                             .value = "x",
                             .timestamp = tomorrow})
                  .ok());
  EXPECT_EQ(again([&] { return producer->flush(kWait); }).fault, Fault::kBadTimestamp);
}

}  // namespace
}  // namespace weir::tests
