#include <algorithm>
#include <numeric>

#include "topology/validate.h"
#include <weir/topology.h>

namespace weir {

namespace {

// Stages hang together along edges; a repartition topic connects two parts without joining them.
class Components {
 public:
  explicit Components(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  int root(int at) {
    while (parent_[index(at)] != at) at = parent_[index(at)] = parent_[index(parent_[index(at)])];
    return at;
  }
  void unite(int a, int b) {
    const int low = std::min(root(a), root(b));
    const int high = std::max(root(a), root(b));
    parent_[index(high)] = low;
  }

 private:
  static std::size_t index(int at) { return static_cast<std::size_t>(at); }
  std::vector<int> parent_;
};

void collect_topics(const std::vector<StageSpec>& stages, int at, std::vector<std::string>& out) {
  const StageSpec& spec = stages[static_cast<std::size_t>(at)];
  if (!spec.topic.empty() && std::find(out.begin(), out.end(), spec.topic) == out.end()) {
    out.push_back(spec.topic);
  }
  for (const Edge& edge : spec.inputs) collect_topics(stages, edge.from, out);
}

}  // namespace

bool StageSpec::operator==(const StageSpec& other) const {
  return kind == other.kind && name == other.name && details == other.details &&
         role == other.role && topic == other.topic && partitions == other.partitions &&
         same_key == other.same_key && idle == other.idle && inputs == other.inputs &&
         stores == other.stores;
}

bool Topology::operator==(const Topology& other) const {
  return stages_ == other.stages_ && errors_ == other.errors_;
}

Result<Topology> Topology::make(std::vector<StageSpec> stages, ErrorPolicy errors,
                                std::vector<std::string> problems) {
  topology::validate(stages, errors, problems);
  if (!problems.empty()) {
    std::string all;
    for (const std::string& problem : problems) all += (all.empty() ? "" : "\n") + problem;
    return Error{all};
  }
  Topology plan;
  plan.stages_ = std::move(stages);
  plan.errors_ = std::move(errors);
  const int count = static_cast<int>(plan.stages_.size());
  Components components(plan.stages_.size());
  for (int at = 0; at < count; ++at) {
    for (const Edge& edge : plan.stages_[static_cast<std::size_t>(at)].inputs) {
      components.unite(at, edge.from);
    }
  }
  plan.owner_.assign(plan.stages_.size(), -1);
  std::vector<int> number(plan.stages_.size(), -1);
  for (int at = 0; at < count; ++at) {  // Stages are listed upstream first, so this is an order.
    const StageSpec& spec = plan.stages_[static_cast<std::size_t>(at)];
    int& sub = number[static_cast<std::size_t>(components.root(at))];
    if (sub < 0) {
      sub = static_cast<int>(plan.sub_topologies_.size());
      plan.sub_topologies_.emplace_back();
    }
    plan.owner_[static_cast<std::size_t>(at)] = sub;
    SubTopology& part = plan.sub_topologies_[static_cast<std::size_t>(sub)];
    part.stages.push_back(at);
    if (!spec.same_key) continue;
    std::vector<std::string> topics;
    collect_topics(plan.stages_, at, topics);
    std::vector<std::vector<std::string>>& told = part.same_partitions;
    if (topics.size() < 2 || std::find(told.begin(), told.end(), topics) != told.end()) continue;
    told.push_back(std::move(topics));
  }
  return plan;
}

std::string Topology::fingerprint(int sub_topology) const {
  std::vector<std::string> parts;
  for (const int at : sub_topologies_[static_cast<std::size_t>(sub_topology)].stages) {
    const StageSpec& spec = stages_[static_cast<std::size_t>(at)];
    for (const StoreSpec& store : spec.stores) {
      parts.push_back(store.name + ":" + store.kind + ":" + spec.kind + ":" + spec.details + ":" +
                      store.types);
    }
  }
  std::sort(parts.begin(), parts.end());
  std::string all;
  for (const std::string& part : parts) all += part + ";";
  return all;
}

}  // namespace weir
