#include <weir/builder.h>

namespace weir {

int Builder::add(StageSpec spec) {
  if (spec.name.empty()) spec.name = spec.kind + "-" + std::to_string(stages_.size());
  stages_.push_back(std::move(spec));
  return static_cast<int>(stages_.size()) - 1;
}

void Builder::check_own(const Builder& other) {
  if (&other == this) return;
  problem("two streams of different builders meet: take both from the same builder");
}

void Builder::check_same(const std::string& topic, const Source& known, const Reading& wanted) {
  if (known.reading == wanted) return;
  problem("the topic '" + topic + "' is read in two ways, but only once: give both the same time " +
          "and the same options, or keep the first stream");
}

Result<Topology> Builder::build() {
  sources_.clear();
  return Topology::make(std::exchange(stages_, {}), errors_, std::exchange(problems_, {}));
}

}  // namespace weir
