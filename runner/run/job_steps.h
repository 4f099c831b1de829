// The steps of a job as its file has them, over the stages that they were compiled to. A step may
// be several stages: those that bring its records together, keep its state, and shape its results.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "expression/schema.h"
#include "job/plan.h"
#include <weir/app_snapshot.h>
#include <weir/topology.h>

namespace weir::run {

struct JobStep {
  // Records that come in or go out: an output of a stage, and what lies in its rows.
  struct Way {
    int stage = 0;
    int output = 0;
    const expression::Schema* rows = nullptr;  // Null: they are no rows.
    auto operator<=>(const Way&) const = default;
  };

  std::string name{};  // Of the stream, the sink, or "pipeline.number".
  std::string kind{};
  std::string topic{};        // Of streams and sinks.
  std::vector<int> stages{};  // By their places in the topology.
  std::vector<std::string> stores{};
  std::vector<Way> ways_in{};
  std::vector<Way> ways_out{};
};

// What a step has done: the numbers of its stages together.
struct StepNumbers {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::map<std::string, std::uint64_t> discarded{};  // By reason.
  double busy_seconds = 0;
  StepTimes times{};  // Of that one of its stages that takes longest.
  std::uint64_t open_windows = 0;
  std::uint64_t entries = 0;  // Of its stores.
  std::uint64_t bytes = 0;    // On the disk.
};

class JobSteps {
 public:
  // `sinks`: names by topic. REQUIRES: `plan` and `topology` outlive this.
  JobSteps(const job::JobPlan& plan, const Topology& topology,
           const std::map<std::string, std::string>& sinks);

  // Streams first, then the steps of each pipeline in order, each sink behind what feeds it.
  const std::vector<JobStep>& steps() const { return steps_; }
  // By its name; null when there is none.
  const JobStep* find(const std::string& name) const;
  StepNumbers numbers(const JobStep& step, const AppSnapshot& now) const;

 private:
  void name_stages(const std::map<std::string, std::string>& sinks);
  void name_stage(const StageSpec& stage, const std::map<std::string, std::string>& sinks,
                  std::string& step, std::string& kind) const;
  void name_the_rest();
  void gather();
  void add_ways(int stage);
  const expression::Schema* rows_from(const StageSpec& stage, int output) const;
  void count_ways(const JobStep& step, const AppSnapshot& now, StepNumbers& into) const;

  const job::JobPlan& plan_;
  const Topology& topology_;
  std::vector<std::string> names_;  // By stage.
  std::vector<std::string> kinds_;
  std::vector<JobStep> steps_;
};

}  // namespace weir::run
