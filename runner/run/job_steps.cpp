#include "run/job_steps.h"

#include <algorithm>
#include <set>

namespace weir::run {

using job::PipelinePlan;
using job::StepPlan;

namespace {

// A stage of `owner`, or one that helps it.
bool belongs(const std::string& stage, const std::string& owner) {
  return !owner.empty() && stage.starts_with(owner) &&
         (stage.size() == owner.size() || stage[owner.size()] == '-');
}

const StepPlan* step_of(const job::JobPlan& plan, const std::string& stage) {
  for (const PipelinePlan& pipeline : plan.pipelines) {
    for (const StepPlan& step : pipeline.steps) {
      if (belongs(stage, step.id) || belongs(stage, step.store)) return &step;
    }
  }
  return nullptr;
}

// The pipeline of a stage that is called "pipeline.something".
const PipelinePlan* pipeline_of(const job::JobPlan& plan, const std::string& stage) {
  for (const PipelinePlan& pipeline : plan.pipelines) {
    if (stage.starts_with(pipeline.name + ".")) return &pipeline;
  }
  return nullptr;
}

// Keys of sinks are made for the sink alone.
bool is_sink_key(const std::string& stage) { return stage.find(".key-") != std::string::npos; }

}  // namespace

JobSteps::JobSteps(const job::JobPlan& plan, const Topology& topology,
                   const std::map<std::string, std::string>& sinks)
    : plan_(plan), topology_(topology) {
  name_stages(sinks);
  name_the_rest();
  gather();
  for (int stage = 0; stage < static_cast<int>(names_.size()); ++stage) add_ways(stage);
}

void JobSteps::name_stages(const std::map<std::string, std::string>& sinks) {
  for (const StageSpec& stage : topology_.stages()) {
    name_stage(stage, sinks, names_.emplace_back(), kinds_.emplace_back());
  }
}

void JobSteps::name_stage(const StageSpec& stage, const std::map<std::string, std::string>& sinks,
                          std::string& step, std::string& kind) const {
  if (stage.role == Role::source) {
    const auto found = std::ranges::find(plan_.streams, stage.topic, &job::StreamPlan::topic);
    step = found == plan_.streams.end() ? stage.topic : found->name;
    kind = "source";
  } else if (stage.role == Role::sink) {
    const auto found = sinks.find(stage.topic);
    step = found == sinks.end() ? stage.topic : found->second;
    kind = "sink";
  } else if (is_sink_key(stage.name)) {
    return;
  } else if (const StepPlan* found = step_of(plan_, stage.name)) {
    step = found->id;
    kind = found->word;
  } else if (pipeline_of(plan_, stage.name) != nullptr) {
    step = stage.name;
    kind = stage.kind;
  }
}

// A stage without a name of the job belongs to the step that it feeds.
void JobSteps::name_the_rest() {
  const std::vector<StageSpec>& stages = topology_.stages();
  for (std::size_t child = stages.size(); child-- > 0;) {
    for (const Edge& edge : stages[child].inputs) {
      const auto from = static_cast<std::size_t>(edge.from);
      if (!names_[from].empty()) continue;
      names_[from] = names_[child];
      kinds_[from] = kinds_[child];
    }
  }
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    if (!names_[stage].empty()) continue;
    names_[stage] = stages[stage].name;
    kinds_[stage] = stages[stage].kind;
  }
}

// Kinds of sinks and streams come first in their places: see steps().
void JobSteps::gather() {
  const std::vector<StageSpec>& stages = topology_.stages();
  for (const bool sources : {true, false}) {
    for (std::size_t stage = 0; stage < stages.size(); ++stage) {
      if ((stages[stage].role == Role::source) != sources) continue;
      auto step = std::ranges::find_if(steps_, [&](const JobStep& one) {
        return one.name == names_[stage] && (one.kind == "sink") == (kinds_[stage] == "sink");
      });
      if (step == steps_.end()) {
        steps_.push_back({.name = names_[stage], .kind = kinds_[stage]});
        step = steps_.end() - 1;
      }
      step->stages.push_back(static_cast<int>(stage));
      const bool outer = stages[stage].role == Role::source || stages[stage].role == Role::sink;
      if (outer) step->topic = stages[stage].topic;
      for (const StoreSpec& store : stages[stage].stores) step->stores.push_back(store.name);
    }
  }
}

void JobSteps::add_ways(int stage) {
  const auto step_at = [&](int at) {
    return std::ranges::find_if(steps_, [&](const JobStep& step) {
      return std::ranges::find(step.stages, at) != step.stages.end();
    });
  };
  const auto into = step_at(stage);
  for (const Edge& edge : topology_.stages()[static_cast<std::size_t>(stage)].inputs) {
    const auto from = step_at(edge.from);
    if (from == into) continue;
    const StageSpec& spec = topology_.stages()[static_cast<std::size_t>(edge.from)];
    const JobStep::Way way{edge.from, edge.output, rows_from(spec, edge.output)};
    const auto add = [&](std::vector<JobStep::Way>& ways) {
      if (std::ranges::find(ways, way) == ways.end()) ways.push_back(way);
    };
    add(into->ways_in);
    add(from->ways_out);
  }
}

const expression::Schema* JobSteps::rows_from(const StageSpec& stage, int output) const {
  if (stage.role == Role::source) {
    const auto found = std::ranges::find(plan_.streams, stage.topic, &job::StreamPlan::topic);
    return found == plan_.streams.end() ? nullptr : &found->schema;
  }
  if (const StepPlan* step = step_of(plan_, stage.name)) {
    const bool lone = step->join && stage.name.starts_with(step->id + "-unmatched");
    if (lone) return &step->join->unmatched;
    // Late records come out as they came in.
    const bool late = step->aggregate && (stage.kind == "aggregate" || stage.kind == "partial");
    return late && output == 1 ? &step->in : &step->out;
  }
  const PipelinePlan* pipeline = pipeline_of(plan_, stage.name);
  if (pipeline == nullptr) return nullptr;
  const bool merges = stage.kind == "merge" && !pipeline->steps.empty();
  return merges ? &pipeline->steps.front().in : &pipeline->out;
}

const JobStep* JobSteps::find(const std::string& name) const {
  const auto found = std::ranges::find(steps_, name, &JobStep::name);
  return found == steps_.end() ? nullptr : &*found;
}

StepNumbers JobSteps::numbers(const JobStep& step, const AppSnapshot& now) const {
  StepNumbers numbers;
  for (const int at : step.stages) {
    const StageSpec& spec = topology_.stages()[static_cast<std::size_t>(at)];
    for (const AppSnapshot::Discarded& one : now.discarded) {
      if (one.step == spec.name) numbers.discarded[one.reason] += one.records;
    }
    const auto found = now.steps.find(spec.name);
    if (found == now.steps.end()) continue;
    const AppSnapshot::Step& did = found->second;
    if (spec.role == Role::source) numbers.in += did.in;
    if (spec.role == Role::sink) numbers.out += did.out;
    numbers.busy_seconds += did.busy_seconds;
    numbers.open_windows += did.open_windows;
    if (did.times.percentile(99) > numbers.times.percentile(99)) numbers.times = did.times;
  }
  count_ways(step, now, numbers);
  for (const AppSnapshot::Store& store : now.stores) {
    if (std::ranges::find(step.stores, store.name) == step.stores.end()) continue;
    numbers.entries += store.entries;
    numbers.bytes += store.bytes_on_disk;
  }
  return numbers;
}

// Records by the outputs they left by, as the stages behind those have counted them.
void JobSteps::count_ways(const JobStep& step, const AppSnapshot& now, StepNumbers& into) const {
  const auto is_mine = [&](int stage) { return std::ranges::count(step.stages, stage) > 0; };
  std::set<std::pair<int, int>> counted;
  for (std::size_t child = 0; child < topology_.stages().size(); ++child) {
    const StageSpec& spec = topology_.stages()[child];
    const auto found = now.steps.find(spec.name);
    if (found == now.steps.end()) continue;
    const std::vector<std::uint64_t>& records = found->second.inputs;
    for (std::size_t i = 0; i < std::min(spec.inputs.size(), records.size()); ++i) {
      const Edge& edge = spec.inputs[i];
      const bool to_me = is_mine(static_cast<int>(child));
      if (is_mine(edge.from) == to_me) continue;
      if (to_me) {
        into.in += records[i];
      } else if (counted.emplace(edge.from, edge.output).second) {
        into.out += records[i];
      }
    }
  }
}

}  // namespace weir::run
