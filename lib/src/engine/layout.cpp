#include "engine/layout.h"

#include <algorithm>
#include <thread>

#include "engine/input_clock.h"
#include "engine/names.h"

namespace weir::engine {

namespace {

// So long a broker may not know yet of a topic that another one has made: on a busy machine.
constexpr Duration kNewTopicPause{100};
constexpr int kNewTopicTries = 100;

// Internal topics keep records by need, never by the time in them: a replay of old records must
// not lose them, and a broker refuses records far ahead of its clock unless it is told otherwise.
// And a state may be larger than a record that producers send.
const kafka::Configs kForAnyTime = {{"message.timestamp.type", "CreateTime"},
                                    {"message.timestamp.after.max.ms", "9223372036854775807"},
                                    {"max.message.bytes", "67108864"}};

kafka::Configs repartition_configs() {
  kafka::Configs configs = kForAnyTime;
  configs["cleanup.policy"] = "delete";
  configs["retention.ms"] = "-1";
  configs["segment.bytes"] = "52428800";
  return configs;
}

kafka::Configs changelog_configs() {
  kafka::Configs configs = kForAnyTime;
  configs["cleanup.policy"] = "compact";
  return configs;
}

class Planner {
 public:
  Planner(const Topology& topology, const LayoutOptions& options, kafka::Admin& admin)
      : topology_(topology), options_(options), admin_(admin) {
    layout_.tasks.assign(topology.sub_topologies().size(), 0);
  }

  Result<Layout> plan() {
    if (Status status = look_at_topics(); !status) return status.error();
    if (Status status = plan_sources(); !status) return status.error();
    if (Status status = plan_repartitions(); !status) return status.error();
    if (Status status = check_equal_inputs(); !status) return status.error();
    if (Status status = plan_changelogs(); !status) return status.error();
    if (Status status = plan_sinks(); !status) return status.error();
    return std::move(layout_);
  }

 private:
  int& tasks_at(std::size_t stage) {
    const int part = topology_.sub_topology_of(static_cast<int>(stage));
    return layout_.tasks[static_cast<std::size_t>(part)];
  }
  std::string topic_of(const StageSpec& spec) const {
    const bool internal =
        spec.role == Role::repartition_read || spec.role == Role::repartition_write;
    return internal ? repartition_topic(options_.job, spec.topic) : spec.topic;
  }

  bool is_sink(const StageSpec& spec) const {
    return spec.role == Role::sink && options_.sinks.contains(spec.topic);
  }

  Status look_at_topics() {
    std::vector<std::string> names;
    for (const StageSpec& spec : topology_.stages()) {
      if (!spec.topic.empty() && !is_sink(spec)) names.push_back(topic_of(spec));
      for (const StoreSpec& store : spec.stores) {
        names.push_back(changelog_topic(options_.job, store.name));
      }
    }
    if (const std::string& dead = topology_.errors().dead_letters; !dead.empty()) {
      names.push_back(dead);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const auto reply = admin_.partitions(names);
    if (!reply.ok())
      return Error{"the brokers did not say which topics exist: " + reply.outcome.text};
    for (std::size_t at = 0; at < names.size(); ++at) found_[names[at]] = reply.value[at];
    return {};
  }

  Status plan_sources() {
    for (std::size_t at = 0; at < topology_.stages().size(); ++at) {
      const StageSpec& spec = topology_.stages()[at];
      if (spec.role != Role::source) continue;
      const int count = found_[spec.topic];
      if (count == 0) {
        return Error{"the topic '" + spec.topic + "' does not exist",
                     "create it, or correct its name"};
      }
      read(spec.topic, count, at);
    }
    return {};
  }

  // A task needs as many partitions of each of its inputs: those of a source, which stay as they
  // are, else of the input with the most writing tasks.
  void share_out_repartitions() {
    std::map<std::string, std::size_t> reads;  // Where a repartition topic is read.
    std::set<int> fixed;                       // Sub-topologies.
    const auto& stages = topology_.stages();
    for (std::size_t at = 0; at < stages.size(); ++at) {
      const bool reads_internal = stages[at].role == Role::repartition_read;
      if (reads_internal) reads[stages[at].topic] = at;
      if (reads_internal && stages[at].partitions > 0) tasks_at(at) = stages[at].partitions;
      if (stages[at].role == Role::source || (reads_internal && stages[at].partitions > 0)) {
        fixed.insert(topology_.sub_topology_of(static_cast<int>(at)));
      }
    }
    // As often as there are sub-topologies: then every chain of them was followed to its end.
    for (std::size_t round = 0; round <= topology_.sub_topologies().size(); ++round) {
      for (std::size_t at = 0; at < stages.size(); ++at) {
        if (stages[at].role != Role::repartition_write) continue;
        const std::size_t reader = reads.at(stages[at].topic);
        const int part = topology_.sub_topology_of(static_cast<int>(reader));
        if (!fixed.contains(part)) tasks_at(reader) = std::max(tasks_at(reader), tasks_at(at));
      }
    }
    for (const auto& [topic, at] : reads) {
      const int own = stages[at].partitions;
      layout_.partitions[repartition_topic(options_.job, topic)] = own > 0 ? own : tasks_at(at);
    }
  }

  Status plan_repartitions() {
    share_out_repartitions();
    for (std::size_t at = 0; at < topology_.stages().size(); ++at) {
      const StageSpec& spec = topology_.stages()[at];
      const std::string topic = topic_of(spec);
      if (spec.role == Role::repartition_write) {
        if (tasks_at(at) > kUpstreamTasksMax) {
          return Error{"'" + topic + "' would be written by " + std::to_string(tasks_at(at)) +
                           " tasks, at most " + std::to_string(kUpstreamTasksMax) + " can be",
                       "split the job, or read topics with fewer partitions"};
        }
        const Status made = internal(topic, layout_.partitions[topic], repartition_configs());
        if (!made) return made;
      } else if (spec.role == Role::repartition_read) {
        read(topic, layout_.partitions[topic], at);
      }
    }
    return {};
  }

  void read(const std::string& topic, int count, std::size_t stage) {
    layout_.partitions[topic] = count;
    layout_.subscription.push_back(topic);
    layout_.reader[topic] = topology_.sub_topology_of(static_cast<int>(stage));
    tasks_at(stage) = std::max(tasks_at(stage), count);
  }

  // A task needs the same partition of all its inputs, and the brokers' range assignment keeps them
  // together only when their counts are equal.
  Status check_equal_inputs() {
    for (const auto& [topic, part] : layout_.reader) {
      const int count = layout_.partitions[topic];
      const int tasks = layout_.tasks[static_cast<std::size_t>(part)];
      if (count == tasks) continue;
      for (const auto& [other, other_part] : layout_.reader) {
        if (other_part != part || layout_.partitions[other] != tasks) continue;
        return Error{"'" + topic + "' has " + std::to_string(count) + " partitions and '" + other +
                         "' has " + std::to_string(tasks) + ", but they are processed together",
                     "give them the same number, or repartition one of them in the job"};
      }
    }
    return {};
  }

  Status plan_changelogs() {
    for (std::size_t at = 0; at < topology_.stages().size(); ++at) {
      for (const StoreSpec& store : topology_.stages()[at].stores) {
        const std::string topic = changelog_topic(options_.job, store.name);
        if (Status status = internal(topic, tasks_at(at), changelog_configs()); !status) {
          return status;
        }
      }
    }
    return {};
  }

  Status internal(const std::string& topic, int wanted, const kafka::Configs& configs) {
    const int count = found_[topic];
    layout_.partitions[topic] = wanted;
    layout_.written.push_back(topic);
    if (count == wanted) return {};
    if (count == 0) {
      layout_.missing.push_back({topic, wanted, options_.replicas, configs});
      return {};
    }
    return Error{"the internal topic '" + topic + "' has " + std::to_string(count) +
                     " partitions, but the job needs " + std::to_string(wanted),
                 "the number of input partitions has changed: reset the job to start anew"};
  }

  Status plan_sinks() {
    int inputs = 1;
    for (const auto& [topic, part] : layout_.reader) {
      inputs = std::max(inputs, layout_.partitions[topic]);
    }
    const int wanted = options_.sink_partitions > 0 ? options_.sink_partitions : inputs;
    for (const StageSpec& spec : topology_.stages()) {
      if (is_sink(spec)) {
        if (std::find(layout_.sinks.begin(), layout_.sinks.end(), spec.topic) ==
            layout_.sinks.end()) {
          layout_.sinks.push_back(spec.topic);
        }
      } else if (spec.role == Role::sink) {
        const int own = spec.partitions > 0 ? spec.partitions : wanted;
        if (Status status = sink(spec.topic, own, {}); !status) return status;
      }
    }
    layout_.stops_at_refused = topology_.errors().sink == OnError::stop;
    layout_.dead_letters = topology_.errors().dead_letters;
    if (layout_.dead_letters.empty()) return {};
    return sink(layout_.dead_letters, wanted, dead_letter_configs());
  }
  Status sink(const std::string& topic, int wanted, kafka::Configs configs) {
    layout_.limits.emplace(topic, OutputLimits());
    if (layout_.partitions.contains(topic)) return {};
    layout_.written.push_back(topic);
    const int count = found_[topic];
    layout_.partitions[topic] = count > 0 ? count : wanted;
    if (count > 0) return {};
    if (!options_.make_results) {
      return Error{"the topic '" + topic + "' does not exist, and the job makes none",
                   "create it, or let the job do that (kafka: {topics: {create: true}})"};
    }
    layout_.missing.push_back({topic, wanted, options_.replicas, std::move(configs)});
    return {};
  }

  const Topology& topology_;
  const LayoutOptions& options_;
  kafka::Admin& admin_;
  std::map<std::string, int> found_;
  Layout layout_;
};

}  // namespace

kafka::Configs internal_configs(std::string_view topic) {
  return topic.ends_with("-changelog") ? changelog_configs() : repartition_configs();
}

// A dead letter has the time and the size of a record that came from elsewhere.
kafka::Configs dead_letter_configs() { return kForAnyTime; }

Result<Layout> plan_layout(const Topology& topology, const LayoutOptions& options,
                           kafka::Admin& admin) {
  return Planner(topology, options, admin).plan();
}

Result<std::vector<std::string>> lost_topics(const Topology& topology, const Layout& layout,
                                             const std::string& job, kafka::Admin& admin) {
  std::vector<std::string> lost;
  std::set<std::string> missing;
  for (const kafka::TopicSpec& spec : layout.missing) missing.insert(spec.name);
  if (missing.empty()) return lost;
  const auto committed = admin.committed(job);
  if (committed.outcome.fault == kafka::Fault::kDenied ||
      committed.outcome.fault == kafka::Fault::kMissing) {
    return lost;  // Brokers that cannot tell, or no such group.
  }
  if (!committed.ok()) return Error{"committed offsets are not known: " + committed.outcome.text};
  std::set<int> ran;  // Sub-topologies.
  for (const kafka::Position& position : committed.value) {
    const auto reader = layout.reader.find(position.partition.topic);
    if (position.offset >= 0 && reader != layout.reader.end()) ran.insert(reader->second);
  }
  for (std::size_t at = 0; at < topology.stages().size(); ++at) {
    const StageSpec& spec = topology.stages()[at];
    if (!ran.contains(topology.sub_topology_of(static_cast<int>(at)))) continue;
    std::vector<std::string> topics;
    for (const StoreSpec& store : spec.stores) topics.push_back(changelog_topic(job, store.name));
    if (spec.role == Role::repartition_write) topics.push_back(repartition_topic(job, spec.topic));
    for (const std::string& topic : topics) {
      if (missing.contains(topic)) lost.push_back(topic);
    }
  }
  return lost;
}

Status read_limits(Layout& layout, kafka::Admin& admin) {
  for (auto& [topic, limits] : layout.limits) {
    auto configs = admin.configs(topic);
    for (int tries = 0; configs.outcome.fault == kafka::Fault::kMissing && tries < kNewTopicTries;
         ++tries) {
      std::this_thread::sleep_for(kNewTopicPause);
      configs = admin.configs(topic);
    }
    // Without the right to read them there are no limits to go by.
    if (configs.outcome.fault == kafka::Fault::kDenied) continue;
    if (!configs.ok()) {
      return Error{"the settings of '" + topic + "' are not known: " + configs.outcome.text};
    }
    limits = limits_of(configs.value);
  }
  return {};
}

Status create_topics(const Layout& layout, kafka::Admin& admin, bool* may_pass) {
  const auto failed = [&](const std::string& what, const kafka::Outcome& outcome) {
    if (may_pass != nullptr) *may_pass = outcome.fault == kafka::Fault::kRetriable;
    return Error{what + " could not be created: " + outcome.text};
  };
  if (layout.missing.empty()) return {};
  const auto reply = admin.create_topics(layout.missing);
  if (!reply.ok()) return failed("topics", reply.outcome);
  for (std::size_t at = 0; at < layout.missing.size(); ++at) {
    const kafka::Outcome& outcome = reply.value[at];
    if (outcome.ok() || outcome.fault == kafka::Fault::kExists) continue;
    return failed("the topic '" + layout.missing[at].name + "'", outcome);
  }
  return {};
}

}  // namespace weir::engine
