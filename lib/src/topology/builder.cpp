#include <weir/builder.h>

namespace weir {

int Builder::add(StageSpec spec) {
  if (spec.name.empty()) spec.name = spec.kind + "-" + std::to_string(stages_.size());
  stages_.push_back(std::move(spec));
  return static_cast<int>(stages_.size()) - 1;
}

Result<Topology> Builder::build() {
  sources_.clear();
  return Topology::make(std::exchange(stages_, {}), errors_, std::exchange(problems_, {}));
}

}  // namespace weir
