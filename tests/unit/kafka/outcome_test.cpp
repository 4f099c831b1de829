#include "kafka/outcome.h"

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "kafka/rdkafka_types.h"

namespace weir::kafka {
namespace {

TEST(Outcome, IsOkUntilSomethingIsWrong) {
  EXPECT_TRUE(Outcome{}.ok());
  EXPECT_FALSE((Outcome{Fault::kRetriable, "timed out"}.ok()));
  const Reply<int> good(7);
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(good.value, 7);
  const Reply<int> bad(Outcome{Fault::kMissing, "nowhere"});
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.outcome.text, "nowhere");
}

TEST(Outcome, EveryFaultHasItsOwnName) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Fault::kDenied); ++i) {
    names.insert(to_string(static_cast<Fault>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Fault::kDenied) + 1);
}

// What Kafka 4 answers while a broker is cut off from its controller for a moment.
TEST(OutcomeOf, BrokersThatComeBackAreNoMistakeOfReplicas) {
  constexpr auto kCode = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR;
  EXPECT_EQ(outcome_of(kCode,
                       "Unable to replicate the partition 3 time(s): The target replication "
                       "factor of 3 cannot be reached because only 1 broker(s) are registered.")
                .fault,
            Fault::kDenied);
  EXPECT_EQ(outcome_of(kCode, nullptr).fault, Fault::kDenied);
  EXPECT_EQ(outcome_of(kCode,
                       "Unable to replicate the partition 1 time(s): All brokers are "
                       "currently fenced, or have all their log directories cordoned.")
                .fault,
            Fault::kRetriable);
}

TEST(FaultOf, SortsErrorsByTheAnswer) {
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_NO_ERROR), Fault::kNone);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR__TRANSPORT), Fault::kRetriable);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT), Fault::kRetriable);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION), Fault::kRetriable);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS), Fault::kRetriable);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION), Fault::kStale);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID), Fault::kStale);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR__FENCED), Fault::kFenced);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), Fault::kTooLarge);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP), Fault::kBadTimestamp);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART), Fault::kMissing);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS), Fault::kExists);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT), Fault::kDenied);
  EXPECT_EQ(fault_of(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), Fault::kDenied);
}

TEST(OutcomeOf, SaysWhatTheBrokerSaid) {
  EXPECT_TRUE(outcome_of(RD_KAFKA_RESP_ERR_NO_ERROR, "ignored").ok());
  EXPECT_EQ(outcome_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "five seconds").text, "five seconds");
  EXPECT_EQ(outcome_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "").text, "Local: Timed out");
}

TEST(MakeList, KeepsOffsetsAndWhatLiesBesideThem) {
  const std::vector<Position> positions = {{{"t", 1}, 5, std::string("a\0b", 3)}, {{"u", 0}, 7}};
  const RdList list = make_list(positions);
  ASSERT_EQ(list->cnt, 2);
  EXPECT_EQ(position_in(list->elems[0]), positions[0]);
  EXPECT_EQ(position_in(list->elems[1]), positions[1]);
}

}  // namespace
}  // namespace weir::kafka
