// Faults of the simulated cluster: each does to a client what it says.
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "sim/sim_cluster.h"

namespace weir::sim {
namespace {

using kafka::Event;
using kafka::Fault;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Duration kNoWait{0};
constexpr Timestamp kStart = 1'700'000'000'000;

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() { EXPECT_TRUE(cluster_.topics().create({.name = "t", .partitions = 2}).ok()); }
  std::unique_ptr<kafka::Producer> producer(const std::string& id = "id") {
    auto made = std::move(
        connection_->producer({.transactional_id = id, .transaction_timeout = Duration{10'000}})
            .value);
    EXPECT_TRUE(made->init(kNoWait).ok());
    EXPECT_TRUE(made->open("t", kNoWait).ok());
    return made;
  }
  static void put(kafka::Producer& to, const std::string& value) {
    EXPECT_TRUE(to.produce({.topic = 0, .partition = 0, .value = value, .timestamp = kStart}).ok());
  }
  std::vector<std::string> values(kafka::Isolation isolation = kafka::Isolation::kReadCommitted) {
    std::vector<std::string> all;
    for (const SimRecord& record : cluster_.records("t", isolation)) all.push_back(*record.value);
    return all;
  }
  std::unique_ptr<kafka::Consumer> member() {
    auto made = std::move(
        connection_->consumer({.group = "g", .topics = {"t"}, .session_timeout = Duration{6'000}})
            .value);
    const auto events = made->poll(kNoWait);
    EXPECT_THAT(events, SizeIs(1));
    const std::vector<kafka::Start> starts = {{{"t", 0}, 0, 0}, {{"t", 1}, 0, 1}};
    made->accept(starts);
    return made;
  }

  SimCluster cluster_{1, kStart};
  std::unique_ptr<Connection> connection_ = cluster_.connect();
};

TEST_F(FaultTest, AScriptedMishapMeetsOneCall) {
  Faults faults(1);
  faults.script(Call::kFlush, Mishap::kLostAnswer, 2);
  EXPECT_EQ(faults.next(Call::kCommit), Mishap::kNone);
  EXPECT_EQ(faults.next(Call::kFlush), Mishap::kNone);
  EXPECT_EQ(faults.next(Call::kFlush), Mishap::kNone);
  EXPECT_EQ(faults.next(Call::kFlush), Mishap::kLostAnswer);
  EXPECT_EQ(faults.next(Call::kFlush), Mishap::kNone);
}

TEST_F(FaultTest, ChanceComesFromTheSeed) {
  const auto run = [](std::uint64_t seed) {
    Faults faults(seed);
    faults.chance(Call::kCommit, Mishap::kAbort, 500);
    std::string met;
    for (int i = 0; i < 64; ++i) {
      met.push_back(faults.next(Call::kCommit) == Mishap::kAbort ? 'x' : '.');
    }
    return met;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
  EXPECT_NE(run(1), std::string(64, '.'));
}

TEST_F(FaultTest, ALostAnswerToACommitIsFoundOut) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.faults().script(Call::kCommit, Mishap::kLostAnswer);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kRetriable);
  EXPECT_THAT(values(), ElementsAre("a")) << "it happened";
  EXPECT_TRUE(one->commit(kNoWait).ok());
  EXPECT_THAT(values(), ElementsAre("a"));
  ASSERT_TRUE(one->begin().ok());
}

TEST_F(FaultTest, ACommitThatMayHaveHappenedCannotBeAborted) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.faults().script(Call::kCommit, Mishap::kLostAnswer);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kRetriable);
  EXPECT_EQ(one->abort(kNoWait).fault, Fault::kFatal);
}

TEST_F(FaultTest, ALostRequestDidNothing) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.faults().script(Call::kCommit, Mishap::kLostRequest);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kRetriable);
  EXPECT_THAT(values(), IsEmpty());
  EXPECT_TRUE(one->commit(kNoWait).ok());
  EXPECT_THAT(values(), ElementsAre("a"));
}

TEST_F(FaultTest, ALostTransactionMustBeAborted) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.faults().script(Call::kCommit, Mishap::kAbort);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kAbort);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kAbort) << "until it is aborted";
  EXPECT_TRUE(one->abort(kNoWait).ok());
  EXPECT_THAT(values(), IsEmpty());
}

TEST_F(FaultTest, AFencedProducerIsOfNoMoreUse) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.fence("id");
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kFenced);
  EXPECT_EQ(one->abort(kNoWait).fault, Fault::kFenced);
  EXPECT_THAT(values(), IsEmpty());
}

TEST_F(FaultTest, AFatalErrorLeavesTheTransactionOpen) {
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.faults().script(Call::kCommit, Mishap::kFatal);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kFatal);
  EXPECT_THAT(values(kafka::Isolation::kReadUncommitted), ElementsAre("a"));
  cluster_.append({"t", 0}, {.value = "behind"});
  EXPECT_THAT(values(), IsEmpty());
  one = producer();
  EXPECT_THAT(values(), ElementsAre("behind"));
}

TEST_F(FaultTest, RecordsThatWereNotFlushedNeverWere) {
  {
    auto made = std::move(connection_->producer({}).value);
    ASSERT_TRUE(made->open("t", kNoWait).ok());
    put(*made, "a");
  }
  EXPECT_THAT(values(kafka::Isolation::kReadUncommitted), IsEmpty());
}

TEST_F(FaultTest, LateMarkersHoldBackReadersOffsetsAndTheNextTransaction) {
  auto reader = member();
  auto one = producer();
  cluster_.delay_markers(Duration{20});
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  const std::vector<kafka::Position> offsets = {{{"t", 0}, 5}};
  ASSERT_TRUE(one->send_offsets(offsets, reader->group_metadata(), kNoWait).ok());
  ASSERT_TRUE(one->commit(kNoWait).ok());
  const std::vector<kafka::Partition> partitions = {{"t", 0}};
  EXPECT_THAT(values(), IsEmpty());
  EXPECT_EQ(reader->committed(partitions, kNoWait).outcome.fault, Fault::kRetriable);
  ASSERT_TRUE(one->begin().ok());
  put(*one, "b");
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kRetriable);

  cluster_.advance_to(kStart + 20);
  EXPECT_THAT(values(), ElementsAre("a"));
  EXPECT_EQ(reader->committed(partitions, kNoWait).value.at(0).offset, 5);
  EXPECT_TRUE(one->commit(kNoWait).ok());
  cluster_.advance_to(kStart + 40);
  EXPECT_THAT(values(), ElementsAre("a", "b"));
}

TEST_F(FaultTest, WhenAllBrokersAreDownEverythingWaits) {
  auto reader = member();
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  put(*one, "a");
  cluster_.set_down(true);
  EXPECT_EQ(one->commit(kNoWait).fault, Fault::kRetriable);
  EXPECT_THAT(reader->poll(kNoWait), IsEmpty());
  EXPECT_TRUE(reader->read(0, 10).records.empty());
  cluster_.advance_to(kStart + 60'000);  // Longer than session and transaction.
  const auto events = reader->poll(kNoWait);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].kind, Event::Kind::kLost) << "the member counts its own session";
  cluster_.set_down(false);
  EXPECT_TRUE(one->commit(kNoWait).ok());
}

TEST_F(FaultTest, ACutProcessLosesItsPlace) {
  auto cut_off = member();
  const std::string zombie = cut_off->group_metadata();
  auto other_process = cluster_.connect();
  connection_->cut(true);
  EXPECT_EQ(cut_off->commit({}, kNoWait).fault, Fault::kRetriable);
  cluster_.advance_to(kStart + 6'001);
  auto heir = std::move(
      other_process->consumer({.group = "g", .topics = {"t"}, .session_timeout = Duration{6'000}})
          .value);
  const auto events = heir->poll(kNoWait);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_THAT(events[0].partitions, SizeIs(2));
  EXPECT_EQ(cut_off->poll(kNoWait)[0].kind, Event::Kind::kLost);
  connection_->cut(false);
  auto one = producer();
  ASSERT_TRUE(one->begin().ok());
  const std::vector<kafka::Position> offsets = {{{"t", 0}, 1}};
  EXPECT_EQ(one->send_offsets(offsets, zombie, kNoWait).fault, Fault::kStale);
}

TEST_F(FaultTest, AMemberThatHangsIsFenced) {
  auto hanging = member();
  cluster_.advance_to(kStart + 6'001);  // It never polled.
  EXPECT_EQ(hanging->commit({}, kNoWait).fault, Fault::kStale);
  EXPECT_EQ(hanging->poll(kNoWait)[0].kind, Event::Kind::kLost);
  hanging->release();
  EXPECT_EQ(hanging->poll(kNoWait)[0].kind, Event::Kind::kAssigned) << "it joins again";
}

TEST_F(FaultTest, APartitionThatStandsStillGivesNothingAndSaysNothingNew) {
  cluster_.append({"t", 0}, {.value = "a"});
  cluster_.append({"t", 1}, {.value = "b"});
  auto reader = member();
  cluster_.stand_still({"t", 0}, true);
  const kafka::Batch still = reader->read(0, 10);
  EXPECT_TRUE(still.records.empty());
  EXPECT_FALSE(still.at_end);
  EXPECT_EQ(reader->read(1, 10).records.size(), 1U);
  cluster_.stand_still({"t", 0}, false);
  EXPECT_EQ(reader->read(0, 10).records.size(), 1U);
}

TEST_F(FaultTest, SlowReadsGiveLittleAtATime) {
  for (int i = 0; i < 5; ++i) cluster_.append({"t", 0}, {.value = "a"});
  auto reader = member();
  cluster_.limit_reads(2);
  EXPECT_EQ(reader->read(0, 10).records.size(), 2U);
  EXPECT_EQ(reader->read(0, 1).records.size(), 1U);
  const kafka::Batch last = reader->read(0, 10);
  EXPECT_EQ(last.records.size(), 2U);
  EXPECT_TRUE(last.at_end);
}

TEST_F(FaultTest, RetentionGoesByTheTimeOfRecords) {
  cluster_.append({"t", 0}, {.value = "years ago", .timestamp = kStart - 700'000'000});
  cluster_.append({"t", 0}, {.value = "now", .timestamp = kStart});
  ASSERT_TRUE(cluster_.topics()
                  .create({.name = "kept", .partitions = 1, .configs = {{"retention.ms", "-1"}}})
                  .ok());
  cluster_.append({"kept", 0}, {.value = "years ago", .timestamp = 1});
  cluster_.run_retention();
  EXPECT_THAT(values(), ElementsAre("now"));
  EXPECT_THAT(cluster_.records("kept"), SizeIs(1));
}

TEST_F(FaultTest, ADeletedTopicIsToldAndItsSuccessorIsNotMistakenForIt) {
  cluster_.append({"t", 0}, {.value = "a"});
  cluster_.append({"t", 0}, {.value = "b"});
  auto reader = member();
  EXPECT_EQ(reader->read(0, 10).records.size(), 2U);
  ASSERT_TRUE(cluster_.topics().remove("t").ok());
  reader->read(0, 10);
  bool told = false;
  for (const Event& event : reader->poll(kNoWait)) {
    told |= event.kind == Event::Kind::kTopicMissing;
  }
  EXPECT_TRUE(told);
  ASSERT_TRUE(cluster_.topics().create({.name = "t", .partitions = 2}).ok());
  reader->release();
  reader->poll(kNoWait);
  const std::vector<kafka::Start> starts = {{{"t", 0}, 2, 0}};
  reader->accept(starts);
  EXPECT_TRUE(reader->read(0, 10).records.empty());
  const auto events = reader->poll(kNoWait);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].kind, Event::Kind::kOffsetGone);
}

TEST_F(FaultTest, DamagedGroupMetadataIsNoMember) {
  Membership into;
  EXPECT_FALSE(Membership::from_bytes("", into));
  EXPECT_FALSE(Membership::from_bytes(std::string("x\0g\0m\0i", 7), into));
  EXPECT_TRUE(Membership::from_bytes(std::string("12\0g\0m\0", 7), into));
  EXPECT_EQ(into.generation, 12);
  EXPECT_EQ(into.group, "g");
  EXPECT_EQ(into.member, "m");
  EXPECT_EQ(into.instance, "");
}

}  // namespace
}  // namespace weir::sim
