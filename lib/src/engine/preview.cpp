#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "engine/names.h"
#include "engine/preview_stores.h"
#include "engine/start.h"
#include <weir/preview.h>

namespace weir {

namespace {

using engine::Layout;
using kafka::Fault;
using kafka::Partition;
using Use = Preview::Use;
using What = Preview::Store::What;

constexpr Duration kAgainPause{100};
constexpr int kTriesMax = 50;

AppStatus failed(const kafka::Outcome& outcome) {
  const bool denied = outcome.fault == Fault::kDenied;
  return {denied ? AppFault::not_allowed : AppFault::unreachable, {outcome.text}};
}

// Coordinators and leaders may be on the move.
template <class Call>
auto retried(Call call) {
  auto answer = call();
  for (int tries = 1; answer.outcome.fault == Fault::kRetriable && tries < kTriesMax; ++tries) {
    std::this_thread::sleep_for(kAgainPause);
    answer = call();
  }
  return answer;
}

class Looker {
 public:
  Looker(const AppConfig& config, const Topology& topology, kafka::Admin& admin, Preview& into)
      : config_(config), topology_(topology), admin_(admin), into_(into) {}

  AppStatus look() {
    into_ = {};
    engine::StartOptions options;
    options.layout.job = config_.id;
    options.layout.sink_partitions = config_.partitions;
    options.layout.replicas = config_.replicas;
    options.layout.make_results = config_.make_results;
    for (const auto& [name, open] : config_.sinks) options.layout.sinks.insert(name);
    options.brokers = config_.brokers;
    options.wait = config_.start_wait;
    const engine::Complaints none;
    into_.refusal = engine::check_ground(topology_, options, none, admin_, layout_);
    if (into_.refusal.fault() == AppFault::unreachable) return into_.refusal;
    if (AppStatus seen = look_at_topics(); !seen) return seen;
    if (AppStatus seen = look_at_group(); !seen) return seen;
    if (AppStatus seen = look_at_inputs(); !seen) return seen;
    return look_at_stores();
  }

 private:
  void add(const std::string& name, Use use) {
    const auto there = std::ranges::find(into_.topics, name, &Preview::Topic::name);
    if (there == into_.topics.end()) into_.topics.push_back({.name = name, .use = use});
  }
  bool is_sink(const std::string& name) const { return config_.sinks.contains(name); }

  void name_topics() {
    for (const StageSpec& spec : topology_.stages()) {
      if (spec.role == Role::source) add(spec.topic, Use::source);
    }
    for (const StageSpec& spec : topology_.stages()) {
      if (spec.role == Role::repartition_write) {
        add(engine::repartition_topic(config_.id, spec.topic), Use::repartition);
      }
      for (const StoreSpec& store : spec.stores) {
        add(engine::changelog_topic(config_.id, store.name), Use::changelog);
      }
    }
    for (const StageSpec& spec : topology_.stages()) {
      if (spec.role == Role::sink && !is_sink(spec.topic)) add(spec.topic, Use::result);
    }
    const std::string& dead = topology_.errors().dead_letters;
    if (!dead.empty()) add(dead, Use::dead_letters);
  }

  AppStatus look_at_topics() {
    name_topics();
    const auto known = retried([&] { return admin_.topics(); });
    if (!known.ok()) return failed(known.outcome);
    find_unused(known.value);
    std::vector<std::string> names;
    for (const Preview::Topic& topic : into_.topics) names.push_back(topic.name);
    const auto counts = retried([&] { return admin_.partitions(names); });
    if (!counts.ok()) return failed(counts.outcome);
    for (std::size_t at = 0; at < names.size(); ++at) {
      Preview::Topic& topic = into_.topics[at];
      topic.found = counts.value[at];
      const auto planned = layout_.partitions.find(topic.name);
      if (planned != layout_.partitions.end()) topic.wanted = planned->second;
      if (topic.found == 0) {
        topic.settings = wanted_settings(topic);
      } else if (AppStatus seen = look_at_settings(topic); !seen) {
        return seen;
      }
    }
    return {};
  }

  static std::map<std::string, std::string> wanted_settings(const Preview::Topic& topic) {
    kafka::Configs configs;
    if (topic.use == Use::changelog || topic.use == Use::repartition) {
      configs = engine::internal_configs(topic.name);
    } else if (topic.use == Use::dead_letters) {
      configs = engine::dead_letter_configs();
    }
    return {configs.begin(), configs.end()};
  }

  AppStatus look_at_settings(Preview::Topic& topic) {
    const auto found = retried([&] { return admin_.configs(topic.name); });
    if (found.outcome.fault == Fault::kDenied) return {};  // No right to look.
    if (!found.ok()) return failed(found.outcome);
    topic.found_settings = {found.value.begin(), found.value.end()};
    for (const auto& [setting, wanted] : wanted_settings(topic)) {
      const auto has = topic.found_settings.find(setting);
      if (has == topic.found_settings.end() || has->second == wanted) continue;
      topic.differences.push_back({setting, has->second, wanted});
    }
    return {};
  }

  // Names of stores and steps have no "-" where the job says nothing else, so that what another job
  // of a longer name keeps is not taken for ours.
  void find_unused(const std::vector<std::string>& known) {
    const std::string prefix = config_.id + "-";
    for (const std::string& topic : known) {
      if (!topic.starts_with(prefix)) continue;
      for (const std::string_view suffix : {"-changelog", "-repartition"}) {
        if (!topic.ends_with(suffix) || topic.size() <= prefix.size() + suffix.size()) continue;
        const std::string middle =
            topic.substr(prefix.size(), topic.size() - prefix.size() - suffix.size());
        const bool is_used =
            std::ranges::find(into_.topics, topic, &Preview::Topic::name) != into_.topics.end();
        if (!is_used && middle.find('-') == std::string::npos) into_.unused_topics.push_back(topic);
      }
    }
  }

  AppStatus look_at_group() {
    const auto group = retried([&] { return admin_.group(config_.id); });
    if (group.ok()) {
      for (const kafka::GroupMember& member : group.value.members) {
        into_.members.push_back(member.host.substr(member.host.starts_with('/') ? 1 : 0));
      }
    } else if (group.outcome.fault != Fault::kMissing && group.outcome.fault != Fault::kDenied) {
      return failed(group.outcome);
    }
    const auto committed = retried([&] { return admin_.committed(config_.id); });
    if (committed.ok()) {
      for (const kafka::Position& position : committed.value) {
        if (position.offset >= 0) committed_[position.partition] = position.offset;
      }
    } else if (committed.outcome.fault != Fault::kMissing &&
               committed.outcome.fault != Fault::kDenied) {
      return failed(committed.outcome);
    }
    into_.ran_before = !committed_.empty();
    return {};
  }

  AppStatus look_at_inputs() {
    std::vector<Partition> partitions;
    for (const Preview::Topic& topic : into_.topics) {
      if (topic.use != Use::source) continue;
      for (int at = 0; at < topic.found; ++at) partitions.push_back({topic.name, at});
    }
    if (partitions.empty()) return {};
    const auto first = retried([&] { return admin_.begin_offsets(partitions); });
    if (!first.ok()) return failed(first.outcome);
    const auto end =
        retried([&] { return admin_.end_offsets(partitions, kafka::Isolation::kReadCommitted); });
    if (!end.ok()) return failed(end.outcome);
    std::vector<std::int64_t> begun = first.value;
    if (config_.from == kEndOfTime) {
      begun = end.value;
    } else if (config_.from != kNoTime) {
      const auto at = retried([&] { return admin_.offsets_at(partitions, config_.from); });
      if (!at.ok()) return failed(at.outcome);
      begun = at.value;
    }
    for (std::size_t at = 0; at < partitions.size(); ++at) {
      const auto committed = committed_.find(partitions[at]);
      const bool has = committed != committed_.end();
      into_.inputs.push_back({.topic = partitions[at].topic,
                              .partition = partitions[at].index,
                              .committed = has ? committed->second : -1,
                              .first = first.value[at],
                              .end = end.value[at],
                              .start = has ? committed->second : begun[at]});
    }
    return {};
  }

  AppStatus look_at_stores() {
    const std::filesystem::path directory = config_.state_dir / config_.id;
    into_.stores = engine::preview_stores(topology_, layout_, directory);
    for (Preview::Store& store : into_.stores) {
      if (store.what == What::gone) continue;
      const std::string changelog = engine::changelog_topic(config_.id, store.name);
      const auto topic = std::ranges::find(into_.topics, changelog, &Preview::Topic::name);
      if (topic == into_.topics.end() || topic->found == 0) continue;
      std::vector<Partition> partitions;
      for (int at = 0; at < topic->found; ++at) partitions.push_back({changelog, at});
      const auto first = retried([&] { return admin_.begin_offsets(partitions); });
      const auto end = retried(
          [&] { return admin_.end_offsets(partitions, kafka::Isolation::kReadUncommitted); });
      if (!first.ok() || !end.ok()) return failed(first.ok() ? end.outcome : first.outcome);
      for (std::size_t at = 0; at < partitions.size(); ++at) {
        store.changelog_records += std::max<std::int64_t>(0, end.value[at] - first.value[at]);
      }
      if (store.what == What::fresh && store.changelog_records > 0) {
        store.what = What::restored;
        store.why = "it is not in this state directory";
      }
    }
    refuse_unfit_stores(directory);
    return {};
  }

  // As JobDirectory::open would, once a worker has a task of theirs.
  void refuse_unfit_stores(const std::filesystem::path& directory) {
    if (!into_.refusal) return;
    std::string names;
    for (const Preview::Store& store : into_.stores) {
      if (store.what != What::unfit && store.what != What::gone) continue;
      names += (names.empty() ? "'" : ", '") + store.name + "'";
    }
    if (names.empty()) return;
    into_.refusal = {AppFault::mismatch,
                     {"the state in " + directory.string() +
                          " was written by another version of this job: it does not fit what the "
                          "job keeps now in " +
                          names,
                      "reset the job to start anew, or give the changed job another name"}};
  }

  const AppConfig& config_;
  const Topology& topology_;
  kafka::Admin& admin_;
  Preview& into_;
  Layout layout_;
  std::map<Partition, std::int64_t> committed_;
};

}  // namespace

const char* to_string(Preview::Use use) {
  switch (use) {
    case Use::source:
      return "source";
    case Use::repartition:
      return "repartition";
    case Use::changelog:
      return "changelog";
    case Use::result:
      return "result";
    case Use::dead_letters:
      return "dead letters";
  }
  return "";
}

const char* to_string(Preview::Store::What what) {
  switch (what) {
    case What::fresh:
      return "new";
    case What::kept:
      return "kept";
    case What::restored:
      return "restored";
    case What::unfit:
      return "unfit";
    case What::gone:
      return "gone";
    case What::unknown:
      return "unknown";
  }
  return "";
}

AppStatus look_ahead(const AppConfig& config, const Topology& topology, kafka::Cluster& cluster,
                     Preview& into) {
  auto admin = cluster.admin();
  if (!admin.ok()) return {AppFault::mismatch, {admin.outcome.text}};
  return Looker(config, topology, *admin.value, into).look();
}

}  // namespace weir
