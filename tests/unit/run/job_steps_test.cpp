#include "run/job_steps.h"

#include <gmock/gmock.h>

#include "unit/compile/job_at_work.h"

namespace weir::run {
namespace {

using compile::JobAtWork;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::vector<std::string> lines(const JobSteps& steps) {
  std::vector<std::string> found;
  for (const JobStep& step : steps.steps()) found.push_back(step.kind + " " + step.name);
  return found;
}

// What each stage has done, as a snapshot tells it.
AppSnapshot::Step did(std::vector<std::uint64_t> inputs, std::uint64_t out) {
  AppSnapshot::Step step;
  step.inputs = std::move(inputs);
  for (const std::uint64_t records : step.inputs) step.in += records;
  step.out = out;
  return step;
}

TEST(JobSteps, AreThoseOfTheFile) {
  const JobAtWork job(JobAtWork::shipped("order-payments.yaml"));
  const JobSteps steps(job.plan(), job.topology(), {{"sink.mongodb", "mongodb"}});
  EXPECT_THAT(lines(steps), UnorderedElementsAre(
                                "source orders", "source payments", "require identified_orders.1",
                                "require identified_payments.1", "require identified_payments.2",
                                "join pairs.1", "select pairs.2", "sink order-payments",
                                "sink mongodb", "sink order-payments.unmatched"));
}

TEST(JobSteps, EveryStageBelongsToOne) {
  const JobAtWork job(JobAtWork::shipped("order-payments.yaml"));
  const JobSteps steps(job.plan(), job.topology(), {});
  std::size_t stages = 0;
  for (const JobStep& step : steps.steps()) stages += step.stages.size();
  EXPECT_EQ(stages, job.topology().stages().size());
}

TEST(JobSteps, WaysLeadFromStepToStepAndKnowTheirRows) {
  const JobAtWork job(compile::small_job(
      "{id: string, amount: decimal(2)}",
      "      - filter: amount > 1\n      - aggregate: {by: id, window: {size: 1m}, fields: {n: "
      "count()}}\n"));
  const JobSteps steps(job.plan(), job.topology(), {});
  const JobStep* filter = steps.find("out.1");
  ASSERT_NE(filter, nullptr);
  ASSERT_EQ(filter->ways_in.size(), 1U);
  EXPECT_EQ(filter->ways_in[0].rows, &job.plan().streams[0].schema);
  ASSERT_EQ(filter->ways_out.size(), 1U);
  const JobStep* aggregate = steps.find("out.2");
  ASSERT_NE(aggregate, nullptr);
  EXPECT_EQ(aggregate->ways_in, filter->ways_out);
  EXPECT_EQ(aggregate->ways_out[0].rows, &job.plan().pipelines[0].steps[1].out);
  EXPECT_THAT(aggregate->stores, ElementsAre("out.aggregate"));
  EXPECT_THAT(steps.find("source")->ways_in, IsEmpty());
  EXPECT_EQ(steps.find("nobody"), nullptr);
}

// A step of several stages counts what comes into the first and leaves the last.
TEST(JobSteps, NumbersAreOfWhatCrossesTheStep) {
  const JobAtWork job(compile::small_job("{id: string}", "      - dedupe: {by: id, within: 1h}\n"));
  const JobSteps steps(job.plan(), job.topology(), {});
  AppSnapshot now;
  std::string first, last;
  for (const StageSpec& stage : job.topology().stages()) {
    std::vector<std::uint64_t> inputs(stage.inputs.size(), 10);
    if (stage.role == Role::sink || stage.name == "out.1-rows") inputs[0] = 7;
    now.steps[stage.name] = did(inputs, 0);
  }
  now.steps["source-in"].in = 12;
  now.discarded = {{"out.dedupe", "duplicate", 3}, {"source-in", "decode", 2}};
  now.stores.push_back({.name = "out.dedupe", .entries = 7, .bytes_on_disk = 4096});
  const StepNumbers dedupe = steps.numbers(*steps.find("out.1"), now);
  EXPECT_EQ(dedupe.in, 10U);
  EXPECT_EQ(dedupe.out, 7U);
  EXPECT_THAT(dedupe.discarded, ElementsAre(Pair("duplicate", 3)));
  EXPECT_EQ(dedupe.entries, 7U);
  EXPECT_EQ(dedupe.bytes, 4096U);
  const StepNumbers source = steps.numbers(*steps.find("source"), now);
  EXPECT_EQ(source.in, 12U);
  EXPECT_EQ(source.out, 10U);
  EXPECT_THAT(source.discarded, ElementsAre(Pair("decode", 2)));
}

}  // namespace
}  // namespace weir::run
