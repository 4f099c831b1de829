#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/numbers.h"
#include "compile/compile.h"
#include "run/job_setup.h"
#include "run/reach.h"
#include "run/retry.h"

namespace weir::cli {

namespace {

namespace fs = std::filesystem;
constexpr Duration kWait{30'000};

// What a reset would undo.
struct ResetPlan {
  std::string group;
  std::vector<kafka::Position> committed;
  std::vector<kafka::GroupMember> members;
  std::string own_members;  // Those of this state directory have names that begin so.
  std::vector<std::string> changelogs;
  std::vector<std::string> repartitions;
  fs::path directory;
  bool has_directory = false;
};

// Internal topics have the job's prefix and a suffix of ours, and belong to its stores.
void find_topics(const Topology& topology, const std::vector<std::string>& there, ResetPlan& plan) {
  const auto add = [&](const std::string& name, std::vector<std::string>& into) {
    if (std::ranges::find(there, name) != there.end()) into.push_back(name);
  };
  for (const StageSpec& stage : topology.stages()) {
    for (const StoreSpec& store : stage.stores) {
      add(plan.group + "-" + store.name + "-changelog", plan.changelogs);
    }
    if (stage.role == Role::repartition_write) {
      add(plan.group + "-" + stage.topic + "-repartition", plan.repartitions);
    }
  }
}

// An instance that has ended stays a member until its session ends, so that it may come back.
bool only_own_are_left(const ResetPlan& plan) {
  return !plan.own_members.empty() &&
         std::ranges::all_of(plan.members, [&](const kafka::GroupMember& member) {
           return member.instance_id.starts_with(plan.own_members);
         });
}

kafka::Outcome look_at_group(kafka::Admin& admin, ResetPlan& plan) {
  plan.members.clear();
  auto group = run::retried(kWait, [&] { return admin.group(plan.group); });
  if (group.ok()) plan.members = group.value.members;
  return group.outcome.fault == kafka::Fault::kMissing ? kafka::Outcome{} : group.outcome;
}

kafka::Outcome look(kafka::Admin& admin, const Topology& topology, ResetPlan& plan) {
  auto topics = run::retried(kWait, [&] { return admin.topics(); });
  if (!topics.ok()) return topics.outcome;
  find_topics(topology, topics.value, plan);
  if (kafka::Outcome looked = look_at_group(admin, plan); !looked.ok()) return looked;
  auto committed = run::retried(kWait, [&] { return admin.committed(plan.group); });
  if (committed.ok()) plan.committed = committed.value;
  std::error_code failed;
  plan.has_directory = fs::exists(plan.directory, failed);
  std::ifstream instance(plan.directory / "instance");
  std::string id;
  if (instance >> id) plan.own_members = plan.group + "-" + id + "-";
  return {};
}

std::string directory_bytes(const fs::path& directory) {
  std::error_code failed;
  double bytes = 0;
  for (fs::recursive_directory_iterator at(directory, failed), end; at != end && !failed;
       at.increment(failed)) {
    std::error_code unknown;
    if (at->is_regular_file(unknown)) bytes += static_cast<double>(at->file_size(unknown));
  }
  return bytes_text(bytes);
}

std::string text_of(const ResetPlan& plan, bool keep_state) {
  std::string out = "would do:\n  group    " + plan.group + ": " +
                    std::to_string(plan.committed.size()) + " partitions forgotten\n";
  const auto list = [&](const std::vector<std::string>& topics) {
    for (const std::string& topic : topics) out += "  delete   topic " + topic + "\n";
  };
  list(plan.repartitions);
  if (!keep_state) {
    list(plan.changelogs);
    if (plan.has_directory) {
      out +=
          "  delete   " + plan.directory.string() + "   " + directory_bytes(plan.directory) + "\n";
    }
  }
  return out + "would not touch: inputs, results, dead letters\n";
}

kafka::Outcome carry_out(kafka::Admin& admin, const ResetPlan& plan, bool keep_state) {
  kafka::Outcome forgotten = run::retried(kWait, [&] { return admin.delete_group(plan.group); });
  if (!forgotten.ok() && forgotten.fault != kafka::Fault::kMissing) return forgotten;
  std::vector<std::string> topics = plan.repartitions;
  if (!keep_state) topics.insert(topics.end(), plan.changelogs.begin(), plan.changelogs.end());
  if (topics.empty()) return {};
  auto deleted = run::retried(kWait, [&] { return admin.delete_topics(topics); });
  if (!deleted.ok()) return deleted.outcome;
  for (const kafka::Outcome& one : deleted.value) {
    if (!one.ok() && one.fault != kafka::Fault::kMissing) return one;
  }
  return {};
}

int failed(const kafka::Outcome& outcome, const std::string& brokers, Terminal& terminal) {
  terminal.complain("weir reset: " + run::words_of(outcome, brokers));
  return run::exit_code_of(outcome);
}

std::string host_of(const kafka::GroupMember& member) {
  return member.host.starts_with('/') ? member.host.substr(1) : member.host;
}

int refuse_members(const ResetPlan& plan, Terminal& terminal) {
  const std::string count = plan.members.size() == 1
                                ? "an instance of the job is"
                                : std::to_string(plan.members.size()) + " instances of the job are";
  terminal.complain("refused: " + count + " running, on " + host_of(plan.members.front()) +
                    " (stop what runs, and wait until its session has ended)");
  return kTryAgain;
}

// Whether no process works with the state directory.
bool is_free(const fs::path& directory) {
  const int file = ::open((directory / "owner").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return true;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool is_locked = ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return !is_locked;
}

bool wait_for_sessions(kafka::Admin& admin, ResetPlan& plan, Terminal& terminal) {
  constexpr Duration kSessionMax{60'000};
  if (plan.members.empty()) return true;
  terminal.say("waiting until the session of the last run has ended, at most 60 s ...");
  const auto end = std::chrono::steady_clock::now() + kSessionMax;
  while (only_own_are_left(plan) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    if (!look_at_group(admin, plan).ok()) return false;
    if (plan.members.empty()) return true;
  }
  return false;
}

int reset_job(const Call& call, const job::JobPlan& job, const Topology& topology,
              Terminal& terminal) {
  const Result<run::Connection> connection = connection_of(call, job.kafka);
  if (!connection) return terminal.complain("weir reset: " + connection.error().text), kUsage;
  ResetPlan plan;
  plan.group = job.name;
  const std::string state = call.value_or(
      "--state-dir", job.state.dir.empty() ? run::default_state_dir() : job.state.dir);
  plan.directory = fs::path(state) / job.name;
  const auto cluster = run::reach(*connection);
  if (!cluster.ok()) return failed(cluster.outcome, connection->brokers, terminal);
  auto admin = cluster.value->admin();
  if (!admin.ok()) return failed(admin.outcome, connection->brokers, terminal);
  const kafka::Outcome looked = look(*admin.value, topology, plan);
  if (!looked.ok()) return failed(looked, connection->brokers, terminal);
  const bool keep_state = call.has("--keep-state");
  terminal.print(text_of(plan, keep_state));
  if (!plan.members.empty() && (!only_own_are_left(plan) || !is_free(plan.directory))) {
    return refuse_members(plan, terminal);
  }
  if (!call.has("--yes")) return terminal.say("nothing was changed; --yes does it"), kGood;
  if (!wait_for_sessions(*admin.value, plan, terminal)) return refuse_members(plan, terminal);
  const kafka::Outcome done = carry_out(*admin.value, plan, keep_state);
  if (!done.ok()) return failed(done, connection->brokers, terminal);
  std::error_code wrong;
  if (!keep_state && plan.has_directory) fs::remove_all(plan.directory, wrong);
  if (wrong) {
    return terminal.complain("weir reset: " + plan.directory.string() + ": " + wrong.message()),
           kStateIo;
  }
  terminal.say("done");
  return kGood;
}

}  // namespace

int reset(const Call& call, Terminal& terminal) {
  const Result<job::LoadOptions> options = load_options(call);
  if (!options) return terminal.complain("weir reset: " + options.error().text), kUsage;
  const JobFile file = read_job(call.operands().front(), *options);
  if (const int code = report(file, terminal); code != kGood) return code;
  const auto compiled = compile::compile(*file.loaded.plan);
  if (!compiled) return terminal.complain("weir reset: " + compiled.error().to_string()), kBadJob;
  return reset_job(call, *file.loaded.plan, compiled->topology, terminal);
}

}  // namespace weir::cli
