// What `weir doctor` looks at. Each part is judged from plain facts, so that tests can make up any
// world; where facts come from a cluster or a machine, they are gathered first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/finding.h"
#include "cli/prepared_job.h"
#include "kafka/client.h"
#include "kafka/probe.h"
#include <weir/preview.h>

namespace weir::cli {

// ---- This machine ------------------------------------------------------------------------------

// -1: there is no limit.
struct HostLimits {
  std::int64_t open_files = -1;
  std::int64_t address_bytes = -1;
  std::int64_t file_bytes = -1;
};
HostLimits host_limits();
// `tasks` may be a guess where the topics are not known; `clients` are its connections to brokers.
void judge_limits(const HostLimits& limits, std::int64_t tasks, std::int64_t clients,
                  Findings& into);

struct StatePlace {
  std::filesystem::path job{};  // The job's own directory.
  bool is_there = false;
  bool is_writable = false;  // Or could be made, where it is not there.
  std::string owner{};       // The process that has it; "" for none.
  std::string kind{};        // Of the file system: "ext4"; "" when not known.
  std::int64_t free_bytes = -1;
  std::int64_t used_bytes = 0;  // By this job.
  std::string why{};            // Why it is not writable.
};
StatePlace look_at_state(const std::filesystem::path& state_dir, const std::string& job);
void judge_state(const StatePlace& place, Findings& into);

// ---- The cluster -------------------------------------------------------------------------------

void judge_client(Findings& into);
// `settings`: of a broker; nothing when they may not be seen.
void judge_cluster(const kafka::ClusterFacts& facts, const std::optional<kafka::Configs>& settings,
                   bool exactly_once, Findings& into);
void judge_topics(const kafka::ClusterFacts& facts, const Preview& preview,
                  const Topology& topology, const std::string& job, Findings& into);

// How far a job looks back, and the step that does.
struct LookBack {
  std::int64_t ms = 0;
  std::string step{};
};
LookBack longest_look_back(const job::JobPlan& plan);
void judge_retention(const Preview& preview, const LookBack& back, Findings& into);
// Results of unread records that are older than a result topic keeps them.
void judge_result_retention(const Preview& preview, kafka::Admin& admin, Timestamp now,
                            Findings& into);

// Asks for each right that the job needs. Changes nothing.
void judge_rights(kafka::Probe& probe, kafka::Admin& admin, const Preview& preview,
                  const AppConfig& config, Findings& into);

// ---- Clocks ------------------------------------------------------------------------------------

// When the brokers last stamped a record by their own clock, as far as one can see; and the newest
// record of each source topic.
struct Stamps {
  std::optional<Timestamp> brokers{};
  std::map<std::string, Timestamp> sources{};
  std::string why{};  // Why there is none of the brokers.
};
Stamps look_at_stamps(kafka::Cluster& cluster, const Preview& preview, const std::string& job);
void judge_clocks(const Stamps& stamps, Timestamp now, Findings& into);

// ---- Sinks -------------------------------------------------------------------------------------

void judge_sinks(const PreparedJob& job, Findings& into);

}  // namespace weir::cli
