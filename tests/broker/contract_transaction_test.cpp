// What every cluster promises about transactions, fencing and read_committed.
#include <gmock/gmock.h>

#include "broker/contract.h"

namespace weir::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TransactionContract : public Contract {
 protected:
  // A member of a new group that owns all of `topic`.
  std::unique_ptr<Member> join(const std::string& topic, const std::string& group) {
    auto member = std::make_unique<Member>(
        cluster(), kafka::ConsumerOptions{
                       .group = group, .topics = {topic}, .session_timeout = world()->session()});
    EXPECT_TRUE(world()->until([&] {
      member->step();
      return !member->partitions().empty();
    }));
    return member;
  }
  // What the member would start from: waits for transactions that are being completed.
  static Position committed(Member& member, const std::string& topic) {
    const std::vector<Partition> partitions = {{topic, 0}};
    auto found = again([&] { return member.consumer().committed(partitions, kWait); });
    EXPECT_TRUE(found.ok()) << found.outcome.text;
    return found.ok() ? found.value.at(0) : Position{};
  }
  static Outcome send(kafka::Producer& producer, Member& member, const std::string& topic,
                      std::int64_t offset, const std::string& metadata = {}) {
    const std::vector<Position> positions = {{{topic, 0}, offset, metadata}};
    return again([&] {
      return producer.send_offsets(positions, member.consumer().group_metadata(), kWait);
    });
  }
};

constexpr auto kUncommitted = kafka::Isolation::kReadUncommitted;

TEST_F(TransactionContract, ShowsRecordsOnceCommitted) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, topic, "a");
  put(*producer, topic, "b");
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  EXPECT_THAT(read_all(topic), IsEmpty());
  EXPECT_THAT(values(read_all(topic, 0, kUncommitted)), ElementsAre("a", "b"));
  ASSERT_TRUE(commit(*producer).ok());
  expect_values(topic, {"a", "b"});
  EXPECT_EQ(producer->delivered(open(*producer, topic), 0), 2);
}

TEST_F(TransactionContract, NeverShowsWhatWasAborted) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, topic, "a");
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  ASSERT_TRUE(abort(*producer).ok());
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, topic, "b");
  ASSERT_TRUE(commit(*producer).ok());
  expect_values(topic, {"b"});
  EXPECT_THAT(values(read_all(topic, 0, kUncommitted)), ElementsAre("a", "b"));
}

TEST_F(TransactionContract, ControlRecordsTakeOffsets) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"));
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(producer->begin().ok());
    for (int i = 0; i < 5; ++i) put(*producer, topic, "x");
    ASSERT_TRUE(commit(*producer).ok());
  }
  expect_values(topic, std::vector<std::string>(10, "x"));
  const auto seen = read_all(topic);
  ASSERT_THAT(seen, SizeIs(10));
  EXPECT_EQ(seen.back().offset, 10);
  const std::vector<Partition> partitions = {{topic, 0}};
  auto ends =
      again([&] { return admin().end_offsets(partitions, kafka::Isolation::kReadCommitted); });
  EXPECT_THAT(ends.value, ElementsAre(12));

  auto reader = cluster().reader({});
  const std::vector<kafka::Start> starts = {{{topic, 0}, 0, 0}};
  reader.value->start(starts);
  std::vector<Seen> again_seen;
  EXPECT_TRUE(world()->until([&] {
    reader.value->poll(Duration{10});
    const kafka::Batch batch = take(*reader.value, 0, {topic, 0}, again_seen);
    return batch.at_end && batch.next_offset == 12;
  })) << "the end lies behind the last control record";
}

TEST_F(TransactionContract, TheStableEndStopsAtTheOldestOpenTransaction) {
  const std::string topic = make_topic();
  write(topic, {"before"});
  auto open_one = make_producer(world()->unique("id"));
  auto other = make_producer(world()->unique("id"));
  ASSERT_TRUE(open_one->begin().ok());
  put(*open_one, topic, "open");
  ASSERT_TRUE(again([&] { return open_one->flush(kWait); }).ok());
  ASSERT_TRUE(other->begin().ok());
  put(*other, topic, "committed");
  ASSERT_TRUE(commit(*other).ok());

  const std::vector<Partition> partitions = {{topic, 0}};
  const auto end = [&](kafka::Isolation isolation) {
    return again([&] { return admin().end_offsets(partitions, isolation); }).value.at(0);
  };
  EXPECT_EQ(end(kafka::Isolation::kReadCommitted), 1);
  EXPECT_TRUE(world()->until([&] { return end(kUncommitted) == 4; })) << "the marker is on its way";
  expect_values(topic, {"before"});
  ASSERT_TRUE(abort(*open_one).ok());
  expect_values(topic, {"before", "committed"});
}

TEST_F(TransactionContract, AnEmptyTransactionLeavesNoTrace) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  EXPECT_TRUE(commit(*producer).ok());
  ASSERT_TRUE(producer->begin().ok());
  EXPECT_TRUE(abort(*producer).ok());
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, topic, "a");
  EXPECT_TRUE(commit(*producer).ok());
  expect_values(topic, {"a"});
}

TEST_F(TransactionContract, MovesOffsetsWithItsRecords) {
  const std::string topic = make_topic();
  const std::string out = make_topic();
  const std::string group = world()->unique("group");
  write(topic, {"a", "b", "c"});
  auto member = join(topic, group);
  auto producer = make_producer(world()->unique("id"));

  ASSERT_TRUE(producer->begin().ok());
  put(*producer, out, "x");
  ASSERT_TRUE(send(*producer, *member, topic, 2, "what lies beside it").ok());
  const std::vector<Partition> partitions = {{topic, 0}};
  auto before = again([&] { return admin().committed(group, partitions); });
  EXPECT_EQ(before.value.at(0).offset, kafka::kNoOffset);
  ASSERT_TRUE(commit(*producer).ok());
  EXPECT_EQ(committed(*member, topic), (Position{{topic, 0}, 2, "what lies beside it"}));

  ASSERT_TRUE(producer->begin().ok());
  ASSERT_TRUE(send(*producer, *member, topic, 3).ok());
  ASSERT_TRUE(abort(*producer).ok());
  EXPECT_EQ(committed(*member, topic).offset, 2);

  ASSERT_TRUE(producer->begin().ok());
  ASSERT_TRUE(send(*producer, *member, topic, 3).ok());
  ASSERT_TRUE(commit(*producer).ok()) << "offsets alone";
  EXPECT_EQ(committed(*member, topic).offset, 3);
}

TEST_F(TransactionContract, OffsetsOfAnOpenTransactionAreNotKnown) {
  const std::string topic = make_topic();
  const std::string group = world()->unique("group");
  auto member = join(topic, group);
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  ASSERT_TRUE(send(*producer, *member, topic, 2).ok());
  const std::vector<Partition> partitions = {{topic, 0}};
  const auto asked = member->consumer().committed(partitions, Duration{500});
  EXPECT_EQ(asked.outcome.fault, Fault::kRetriable) << asked.outcome.text;
  ASSERT_TRUE(commit(*producer).ok());
  auto known = again([&] { return member->consumer().committed(partitions, kWait); });
  ASSERT_TRUE(known.ok()) << known.outcome.text;
  EXPECT_EQ(known.value.at(0).offset, 2);
}

TEST_F(TransactionContract, ANewerProducerFencesTheOlder) {
  const std::string topic = make_topic();
  const std::string id = world()->unique("id");
  auto old = make_producer(id);
  ASSERT_TRUE(old->begin().ok());
  put(*old, topic, "old");
  ASSERT_TRUE(again([&] { return old->flush(kWait); }).ok());
  auto young = make_producer(id);
  ASSERT_TRUE(young->begin().ok());
  put(*young, topic, "young");
  ASSERT_TRUE(commit(*young).ok());
  EXPECT_EQ(commit(*old).fault, Fault::kFenced);
  expect_values(topic, {"young"});
}

TEST_F(TransactionContract, TheSameIdFreesWhatItsPredecessorLeftOpen) {
  const std::string topic = make_topic();
  const std::string id = world()->unique("id");
  auto dead = make_producer(id, Duration{60'000});
  ASSERT_TRUE(dead->begin().ok());
  put(*dead, topic, "left open");
  ASSERT_TRUE(again([&] { return dead->flush(kWait); }).ok());
  dead.reset();
  write(topic, {"behind it"});
  EXPECT_THAT(read_all(topic), IsEmpty());
  auto heir = make_producer(id);
  expect_values(topic, {"behind it"});
}

TEST_F(TransactionContract, ATransactionEndsAtItsTimeout) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"), Duration{2'000});
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, topic, "too slow");
  ASSERT_TRUE(again([&] { return producer->flush(kWait); }).ok());
  write(topic, {"behind it"});
  EXPECT_TRUE(world()->until([&] { return read_all(topic).size() == 1; }));
  EXPECT_EQ(commit(*producer).fault, Fault::kFenced);
}

TEST_F(TransactionContract, OnlyAPresentMemberMovesOffsets) {
  const std::string topic = make_topic();
  const std::string group = world()->unique("group");
  auto member = join(topic, group);
  const std::string stale = member->consumer().group_metadata();
  // Another member joins: the generation rises.
  Member peer(cluster(),
              {.group = group, .topics = {topic}, .session_timeout = world()->session()});
  ASSERT_TRUE(world()->until([&] {
    member->step();
    peer.step();
    return peer.assignments() == 1 && member->assignments() == 2;
  }));

  const std::string out = make_topic();
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  put(*producer, out, "zombie");
  const std::vector<Position> positions = {{{topic, 0}, 1}};
  const Outcome sent = again([&] { return producer->send_offsets(positions, stale, kWait); });
  EXPECT_EQ(sent.fault, Fault::kStale) << sent.text;
  ASSERT_TRUE(abort(*producer).ok());

  ASSERT_TRUE(producer->begin().ok()) << "the same producer goes on";
  put(*producer, out, "alive");
  ASSERT_TRUE(send(*producer, *member, topic, 1).ok());
  ASSERT_TRUE(commit(*producer).ok());
  expect_values(out, {"alive"});
  EXPECT_EQ(committed(*member, topic).offset, 1);
}

TEST_F(TransactionContract, ARefusedRecordCostsItsTransaction) {
  const std::string topic = make_topic();
  auto producer = make_producer(world()->unique("id"));
  ASSERT_TRUE(producer->begin().ok());
  const Outcome queued = producer->produce({.topic = open(*producer, topic),
                                            .partition = 0,
                                            .value = "from the future",
                                            .timestamp = world()->now() + 86'400'000,
                                            .tag = 5});
  ASSERT_TRUE(queued.ok());
  EXPECT_EQ(commit(*producer).fault, Fault::kAbort);
  const auto refused = producer->refused();
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_EQ(refused[0].tag, 5U);
  EXPECT_EQ(refused[0].outcome.fault, Fault::kBadTimestamp);
  ASSERT_TRUE(abort(*producer).ok());

  // Kafka may fail the next transaction once more, then never again.
  bool committed = false;
  for (int attempt = 0; attempt < 2 && !committed; ++attempt) {
    ASSERT_TRUE(producer->begin().ok());
    put(*producer, topic, "good");
    const Outcome outcome = commit(*producer);
    committed = outcome.ok();
    if (committed) break;
    EXPECT_EQ(outcome.fault, Fault::kAbort) << outcome.text;
    ASSERT_TRUE(abort(*producer).ok());
  }
  EXPECT_TRUE(committed);
  expect_values(topic, {"good"});
}

}  // namespace
}  // namespace weir::tests
