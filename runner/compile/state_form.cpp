#include "compile/state_form.h"

#include <map>

namespace weir::compile {

using job::StepPlan;

namespace {

// Rows lie in state by slot.
std::string form_of(const job::Schema& rows) {
  std::string form;
  for (const expression::Column& column : rows.columns) {
    form += (form.empty() ? "" : ", ") + column.name + " " + column.type.to_string();
  }
  return "{" + form + "}";
}

// What is added up may be another expression tomorrow; how it is kept may not.
std::string form_of(const std::vector<RowAggregate>& aggregates) {
  std::string form;
  for (const RowAggregate& one : aggregates) {
    form += (form.empty() ? "" : ", ") + std::to_string(static_cast<int>(one.kind)) + " of " +
            std::to_string(static_cast<int>(one.type.kind)) + "." +
            std::to_string(one.type.places) + " with " + std::to_string(one.parameter) + "." +
            std::to_string(one.max);
  }
  return "[" + form + "]";
}

std::map<std::string, std::string> forms_of(const job::JobPlan& plan) {
  std::map<std::string, std::string> forms;
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const StepPlan& step : pipeline.steps) {
      if (step.join) {
        const std::string left = form_of(step.in);
        const std::string right = form_of(step.join->right);
        forms[step.store] = left + " " + right;
        forms[step.store + "-left"] = left;
        forms[step.store + "-right"] = right;
      } else if (step.aggregate) {
        forms[step.store] = form_of(step.aggregate->aggregates);
      }
    }
  }
  return forms;
}

}  // namespace

Result<Topology> with_state_forms(const Topology& topology, const job::JobPlan& plan) {
  const std::map<std::string, std::string> forms = forms_of(plan);
  std::vector<StageSpec> stages = topology.stages();
  for (StageSpec& stage : stages) {
    for (StoreSpec& store : stage.stores) {
      const auto form = forms.find(store.name);
      if (form != forms.end()) store.types += " " + form->second;
    }
  }
  return Topology::make(std::move(stages), topology.errors());
}

}  // namespace weir::compile
