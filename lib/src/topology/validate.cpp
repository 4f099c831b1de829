#include "topology/validate.h"

#include <algorithm>
#include <map>
#include <set>

namespace weir::topology {

namespace {

constexpr std::size_t kNameBytesMax = 200;  // Kafka allows 249; prefix and suffix need room.

using Problems = std::vector<std::string>;

void check_names(const std::vector<StageSpec>& stages, Problems& problems) {
  std::map<std::string, const StageSpec*> names;
  std::map<std::string, const StageSpec*> stores;
  std::map<std::string, const StageSpec*> repartitions;
  for (const StageSpec& spec : stages) {
    if (auto [it, fresh] = names.emplace(spec.name, &spec); !fresh) {
      problems.push_back("two operators are named '" + spec.name + "' (" + it->second->kind +
                         " and " + spec.kind + "): names must differ, rename one");
    }
    if (spec.role == Role::repartition_write && !is_topic_name(spec.topic)) {
      problems.push_back("'" + spec.topic + "' cannot name a repartition topic: use letters, " +
                         "digits, '.', '_' and '-'");
    }
    if (spec.role == Role::repartition_write) {
      if (auto [it, fresh] = repartitions.emplace(spec.topic, &spec); !fresh) {
        problems.push_back("two repartitions are named '" + spec.topic + "': rename one");
      }
    }
    for (const StoreSpec& store : spec.stores) {
      if (!is_topic_name(store.name)) {
        problems.push_back("'" + store.name + "' (" + spec.kind + ") cannot name a store: use " +
                           "letters, digits, '.', '_' and '-', at most 200 of them");
      }
      if (auto [it, fresh] = stores.emplace(store.name, &spec); !fresh) {
        problems.push_back("the store '" + store.name + "' belongs to both '" + it->second->name +
                           "' and '" + spec.name + "': a store has one owner");
      }
    }
  }
}

void check_topics(const std::vector<StageSpec>& stages, const ErrorPolicy& errors,
                  Problems& problems) {
  std::set<std::string> read;
  for (const StageSpec& spec : stages) {
    if (spec.role == Role::source && spec.topic.empty()) {
      problems.push_back("'" + spec.name + "' reads a topic without a name");
    }
    if (spec.role == Role::source) read.insert(spec.topic);
    if (spec.idle.count() < 0) {
      problems.push_back("'" + spec.name + "': 'idle' cannot be negative; zero is never");
    }
  }
  if (read.empty()) {
    problems.push_back("the topology reads no topic: start with builder.stream(topic)");
  }
  for (const StageSpec& spec : stages) {
    if (spec.role != Role::sink) continue;
    if (!is_topic_name(spec.topic)) {
      problems.push_back("'" + spec.topic + "' is not the name of a topic");
    }
    if (read.contains(spec.topic)) {
      problems.push_back("'" + spec.topic + "' is read and written by the same topology, which " +
                         "would feed itself for ever: write to another topic");
    }
  }
  if (!errors.dead_letters.empty() && !is_topic_name(errors.dead_letters)) {
    problems.push_back("dead letters cannot go to '" + errors.dead_letters +
                       "': it is not the name of a topic");
  }
  if (read.contains(errors.dead_letters)) {
    problems.push_back("dead letters would go to '" + errors.dead_letters +
                       "', which the topology reads: name another topic");
  }
}

void check_edges(const std::vector<StageSpec>& stages, Problems& problems) {
  for (std::size_t at = 0; at < stages.size(); ++at) {
    const StageSpec& spec = stages[at];
    for (const Edge& edge : spec.inputs) {
      if (edge.from < 0 || edge.from >= static_cast<int>(at)) {
        problems.push_back("'" + spec.name + "' reads a stage that comes after it");
      }
    }
    const bool starts = spec.role == Role::source || spec.role == Role::repartition_read;
    if (starts != spec.inputs.empty()) {
      problems.push_back("'" + spec.name + "' (" + spec.kind + ") " +
                         (starts ? "is a source and cannot have inputs" : "has no input"));
    }
    if (!spec.make) problems.push_back("'" + spec.name + "' (" + spec.kind + ") cannot be made");
  }
}

}  // namespace

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

void validate(const std::vector<StageSpec>& stages, const ErrorPolicy& errors,
              std::vector<std::string>& problems) {
  check_edges(stages, problems);
  check_names(stages, problems);
  check_topics(stages, errors, problems);
}

}  // namespace weir::topology
