#include "compile/route.h"

namespace weir::compile {

void RouteStage::receive(const RowRecord& record) {
  const Frames::Use frame(frames_);
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    if (conditions_[i] == nullptr) return outputs_[i].forward(record);
    const expression::Outcome outcome =
        conditions_[i]->evaluate(record.value.values, facts_of(record), frame->scratch);
    if (outcome.failed()) {
      return task_->discard(*failed_, conditions_[i]->source() + ": " + std::string(outcome.error));
    }
    if (outcome.is_true()) return outputs_[i].forward(record);
  }
}

}  // namespace weir::compile
