// A changed job is told from the one that wrote the state by what it keeps.
#include "compile/state_form.h"

#include <gtest/gtest.h>

#include "unit/compile/job_at_work.h"

namespace weir::compile {
namespace {

// All that this topology's stores are told by.
std::string fingerprint(const std::string& job) {
  const JobAtWork made(job);
  std::string all;
  for (std::size_t part = 0; part < made.topology().sub_topologies().size(); ++part) {
    all += made.topology().fingerprint(static_cast<int>(part));
  }
  return all;
}

std::string counting(const std::string& aggregates) {
  return fingerprint(small_job("{id: string, amount: decimal(2), units: int, share: float}",
                               "      - aggregate:\n          by: id\n          window: {size: "
                               "1m}\n          fields: {" +
                                   aggregates + "}\n"));
}

TEST(StateForm, ChangesWithTheKindsOfAggregates) {
  const std::string now = counting("users: count_distinct(id)");
  EXPECT_NE(counting("users: 'approx_distinct(id, 0.01)'"), now);
  EXPECT_NE(counting("users: count_distinct(amount)"), now);
  EXPECT_NE(counting("users: count_distinct(id), all: count()"), now);
  EXPECT_NE(counting("all: sum(amount)"), counting("all: sum(units)"));
  EXPECT_NE(counting("all: 'approx_distinct(id, 0.01)'"),
            counting("all: 'approx_distinct(id, 0.02)'"));
  EXPECT_NE(counting("all: 'collect(id, 10)'"), counting("all: 'collect(id, 11)'"));
}

TEST(StateForm, StaysWhileTheSameIsKept) {
  EXPECT_EQ(counting("total: sum(amount)"), counting("sum: sum(amount * units)"));
  EXPECT_EQ(counting("total: count()"), counting("all: count()"));
}

std::string joining(const std::string& fields, const std::string& steps = "") {
  std::string job = small_job("{id: string}", R"(      - join:
          with: other
          as: other
          by: id
          within: 1m
)");
  job.replace(job.find("pipelines:"), 0,
              "  other:\n    topic: other\n    fields: " + fields + "\n");
  if (!steps.empty()) job.replace(job.find("    to: out"), 0, steps);
  return fingerprint(job);
}

TEST(StateForm, ChangesWithTheRowsOfEachSideOfAJoin) {
  const std::string now = joining("{id: string, a: string, b: string}");
  EXPECT_NE(joining("{id: string, b: string, a: string}"), now);
  EXPECT_NE(joining("{id: string, a: string, b: int}"), now);
  EXPECT_NE(joining("{id: string, a: string}"), now);
  EXPECT_EQ(joining("{id: string, a: string, b: string}", "      - filter: other.a == 'x'\n"), now);
}

}  // namespace
}  // namespace weir::compile
