#include "run/sink_replay.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

class SinkReplayTest : public ::testing::Test {
 protected:
  static job::SinkPlan plan() {
    job::SinkPlan plan;
    plan.kind = job::SinkPlan::Kind::postgres;
    plan.name = "table";
    plan.retry_for_ms = 1;  // Nobody is there, and nobody is waited for.
    plan.postgres = job::PostgresSink{.uri = "postgresql://127.0.0.1:1/d",
                                      .table = "t",
                                      .id = {"id"},
                                      .write = "upsert",
                                      .create = false};
    return plan;
  }

  const job::SinkPlan plan_ = plan();
  const job::Schema schema_;
  SinkReplay replay_{{{.topic = "p.to.1", .plan = plan_, .schema = schema_}}};
  DeadLetter letter_{.key = "a", .value = R"({"id":"a"})", .reason = "sink", .topic = "p.to.1"};
};

TEST_F(SinkReplayTest, KnowsWhichSinkRefusedALetter) {
  ASSERT_NE(replay_.sink_of(letter_), nullptr);
  EXPECT_EQ(*replay_.sink_of(letter_), "table");
  DeadLetter other = letter_;
  other.topic = "orders";
  EXPECT_EQ(replay_.sink_of(other), nullptr);
  other = letter_;
  other.from_partition = 0;  // It came from a topic of that name.
  EXPECT_EQ(replay_.sink_of(other), nullptr);
}

// To a sink, no value means: delete what has this key.
TEST_F(SinkReplayTest, GivesNoLetterWithoutItsValueToASink) {
  EXPECT_EQ(replay_.write(letter_), SinkReplay::Written::failed) << "nobody is there";
  letter_.value = std::nullopt;
  EXPECT_EQ(replay_.write(letter_), SinkReplay::Written::refused);
  EXPECT_NE(replay_.why().find("without its value"), std::string::npos) << replay_.why();
}

}  // namespace
}  // namespace weir::run
