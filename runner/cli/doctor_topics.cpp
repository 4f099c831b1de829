#include <algorithm>
#include <charconv>
#include <set>

#include "cli/doctor.h"
#include "cli/numbers.h"

namespace weir::cli {

namespace {

using Use = Preview::Use;

std::string setting(const Preview::Topic& topic, const std::string& name) {
  const auto found = topic.found_settings.find(name);
  return found == topic.found_settings.end() ? "" : found->second;
}

// How long records are kept by their time; -1: for ever, or by need alone; nothing: not told.
std::optional<std::int64_t> retention_of(const Preview::Topic& topic) {
  const std::string policy = setting(topic, "cleanup.policy");
  const std::string text = setting(topic, "retention.ms");
  if (policy.empty() || text.empty()) return std::nullopt;
  if (policy.find("delete") == std::string::npos) return -1;
  std::int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return ms;
}

void judge_health(const kafka::ClusterFacts& facts, const Preview::Topic& topic, Findings& into) {
  const auto found = facts.topics.find(topic.name);
  if (found == facts.topics.end()) return;
  int leaderless = 0;
  int behind = 0;
  int replicas = 0;
  for (const kafka::PartitionFacts& partition : found->second) {
    leaderless += partition.has_leader ? 0 : 1;
    behind += partition.in_sync < partition.replicas ? 1 : 0;
    replicas = std::max(replicas, partition.replicas);
  }
  if (leaderless > 0) {
    into.bad("topics",
             std::to_string(leaderless) + " partitions of '" + topic.name +
                 "' have no leader: nothing reads or writes them",
             "bring their brokers back");
  } else if (behind > 0) {
    into.warn("topics",
              std::to_string(behind) + " partitions of '" + topic.name +
                  "' have replicas that are not in sync",
              "look at the brokers that are behind");
  }
  if (replicas == 1 && facts.brokers.size() > 1) {
    into.warn(
        "topics",
        "'" + topic.name + "' has one copy on " + std::to_string(facts.brokers.size()) + " brokers",
        "give it more replicas, or set default.replication.factor before it is made");
  }
}

void judge_one(const Preview::Topic& topic, Findings& into) {
  const std::string name = "'" + topic.name + "'";
  if (topic.found == 0) {
    if (topic.use != Use::source) return;
    return into.bad("topics",
                    name + " does not exist, or this login may not see it; the job reads it",
                    "create it, or correct its name in the job");
  }
  if (topic.wanted > 0 && topic.wanted != topic.found &&
      (topic.use == Use::changelog || topic.use == Use::repartition)) {
    into.bad("topics",
             name + " has " + std::to_string(topic.found) + " partitions, the job needs " +
                 std::to_string(topic.wanted),
             "the inputs' partitions have changed: weir reset, and start anew");
  }
  for (const auto& [what, found, wanted] : topic.differences) {
    if (what == "cleanup.policy") {
      into.bad("topics", name + " has " + what + "=" + found + ": the job relies on " + wanted,
               "set it back; records that were deleted are gone, so weir reset if results matter");
    } else {
      into.warn("topics", name + " has " + what + "=" + found + "; weir makes it with " + wanted,
                "set it as weir would, unless somebody knows why");
    }
  }
}

void judge_joins(const Preview& preview, const Topology& topology, const std::string& job,
                 Findings& into) {
  std::set<std::vector<std::string>> told;
  for (const SubTopology& part : topology.sub_topologies()) {
    for (const std::vector<std::string>& group : part.same_partitions) {
      if (!told.insert(group).second) continue;
      std::string words;
      std::set<int> counts;
      for (const std::string& name : group) {
        for (const Preview::Topic& topic : preview.topics) {
          if (topic.name != name && topic.name != job + "-" + name + "-repartition") continue;
          const int count = topic.found > 0 ? topic.found : topic.wanted;
          counts.insert(count);
          words += (words.empty() ? "" : ", ") + topic.name + " " + std::to_string(count);
        }
      }
      if (counts.size() > 1) {
        into.bad("topics", "these are joined and have unequal partitions: " + words,
                 "give them the same number, or leave out keyed_by, so that the job repartitions");
      } else if (!words.empty()) {
        into.ok("topics", "joined, with equal partitions: " + words);
      }
    }
  }
}

}  // namespace

void judge_topics(const kafka::ClusterFacts& facts, const Preview& preview,
                  const Topology& topology, const std::string& job, Findings& into) {
  std::size_t there = 0;
  std::size_t missing = 0;
  for (const Preview::Topic& topic : preview.topics) {
    judge_one(topic, into);
    if (topic.found > 0) judge_health(facts, topic, into);
    there += topic.found > 0 ? 1 : 0;
    missing += topic.found == 0 && topic.use != Use::source ? 1 : 0;
  }
  judge_joins(preview, topology, job, into);
  if (there > 0) {
    into.ok("topics", std::to_string(there) + (there == 1 ? " is there" : " are there") +
                          (missing > 0 ? ", " + std::to_string(missing) + " would be made" : ""));
  }
  for (const std::string& topic : preview.unused_topics) {
    into.warn("topics", "'" + topic + "' looks like an earlier version's of this job",
              "delete it once that version never comes back");
  }
  const bool input_is_missing = std::ranges::any_of(preview.topics, [](const auto& topic) {
    return topic.use == Use::source && topic.found == 0;
  });
  if (!preview.refusal && !input_is_missing) {
    into.bad("start", preview.refusal.error().text, preview.refusal.error().hint);
  }
}

LookBack longest_look_back(const job::JobPlan& plan) {
  LookBack longest;
  const auto offer = [&](std::int64_t ms, const job::StepPlan& step) {
    if (ms > longest.ms) longest = {ms, step.id};
  };
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const job::StepPlan& step : pipeline.steps) {
      if (step.dedupe) offer(step.dedupe->within_ms, step);
      if (step.join) {
        offer(std::max(step.join->before_ms + step.join->after_ms + step.join->delay_ms,
                       step.join->remember_ms),
              step);
      }
      if (step.aggregate) {
        const job::AggregatePlan& window = *step.aggregate;
        const std::int64_t span = window.window == job::WindowKind::session
                                      ? std::max(window.longest_ms, window.gap_ms)
                                      : window.size_ms;
        offer(span + window.grace_ms, step);
      }
    }
  }
  return longest;
}

void judge_retention(const Preview& preview, const LookBack& back, Findings& into) {
  for (const Preview::Topic& topic : preview.topics) {
    if (topic.use != Use::source || topic.found == 0) continue;
    const auto kept = retention_of(topic);
    const std::string name = "'" + topic.name + "'";
    if (!kept) {
      into.unknown("retention", "how long " + name + " keeps its records may not be seen",
                   "a login that may describe its configs sees it");
    } else if (*kept >= 0 && *kept < back.ms) {
      into.warn("retention",
                name + " keeps records " + duration_text(*kept) + ", and " + back.step +
                    " looks back " + duration_text(back.ms) +
                    ": a job that is behind or is reset cannot know what lies further back",
                "raise retention.ms of the topic to " + std::to_string(back.ms) + " at least");
    } else {
      const std::string looks =
          back.ms > 0 ? "; " + back.step + " looks back " + duration_text(back.ms) : "";
      into.ok("retention",
              name + " keeps records " + (*kept < 0 ? "for ever" : duration_text(*kept)) + looks);
    }
  }
}

void judge_result_retention(const Preview& preview, kafka::Admin& admin, Timestamp now,
                            Findings& into) {
  for (const Preview::Topic& topic : preview.topics) {
    if (topic.use != Use::result || topic.found == 0) continue;
    const auto kept = retention_of(topic);
    if (!kept || *kept < 0) continue;
    std::vector<kafka::Partition> partitions;
    for (const auto& input : preview.inputs) partitions.push_back({input.topic, input.partition});
    const auto recent = admin.offsets_at(partitions, std::max<Timestamp>(0, now - *kept));
    if (!recent.ok()) continue;
    std::int64_t older = 0;
    for (std::size_t at = 0; at < partitions.size(); ++at) {
      older += std::max<std::int64_t>(
          0, std::min(recent.value[at], preview.inputs[at].end) - preview.inputs[at].start);
    }
    if (older == 0) continue;
    into.warn("retention",
              grouped(older) + " records to be read are older than the " + duration_text(*kept) +
                  " that '" + topic.name +
                  "' keeps results: Kafka deletes by the records' own time, so what comes of them "
                  "may be gone at once",
              "set retention.ms=-1 on it for as long as the job catches up");
  }
}

}  // namespace weir::cli
