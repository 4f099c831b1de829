#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/exit_code.h"
#include "cli/numbers.h"
#include "run/reach.h"

namespace weir::cli {

namespace {

constexpr Duration kAnswer{8'000};  // Longer waits no doctor.

std::int64_t tasks_of(const PreparedJob& job, const Preview& preview) {
  std::int64_t partitions = 1;
  for (const Preview::Topic& topic : preview.topics) {
    partitions = std::max<std::int64_t>(partitions, topic.found);
  }
  return partitions * static_cast<std::int64_t>(job.setup.topology.sub_topologies().size());
}

void examine_cluster(const PreparedJob& job, Preview& preview, Findings& into) {
  const bool exactly_once = job.setup.config.guarantee == Guarantee::exactly_once;
  const std::string& brokers = job.connection.brokers;
  const auto trouble = [&](const kafka::Outcome& outcome) {
    into.bad("brokers", run::words_of(outcome, brokers),
             outcome.fault == kafka::Fault::kDenied
                 ? "correct the login, see --config and -X"
                 : "without them topics, rights and clocks are not checked");
  };
  const auto cluster = run::reach(job.connection, kAnswer);
  if (!cluster.ok()) return trouble(cluster.outcome);
  auto admin = cluster.value->admin();
  auto probe = kafka::open_probe(job.connection.options());
  if (!admin.ok()) return trouble(admin.outcome);
  if (!probe.ok()) return trouble(probe.outcome);
  const auto facts = probe.value->cluster();
  if (!facts.ok()) return trouble(facts.outcome);
  std::optional<kafka::Configs> settings;
  if (!facts.value.brokers.empty()) {
    auto told = probe.value->broker_configs(facts.value.brokers.front().id);
    if (told.ok()) settings = std::move(told.value);
  }
  judge_cluster(facts.value, settings, exactly_once, into);
  const AppStatus looked =
      look_ahead(job.setup.config, job.setup.topology, *cluster.value, preview);
  if (!looked) return trouble({kafka::Fault::kRetriable, looked.error().to_string()});
  judge_topics(facts.value, preview, job.setup.topology, job.setup.name, into);
  judge_retention(preview, longest_look_back(*job.plan), into);
  judge_result_retention(preview, *admin.value, now_ms(), into);
  judge_rights(*probe.value, *admin.value, preview, job.setup.config, into);
  const Stamps stamps = look_at_stamps(*cluster.value, preview, job.setup.name);
  judge_clocks(stamps, now_ms(), into);
}

Examination examine(const PreparedJob& job) {
  Examination one{.job = job.setup.name, .file = job.path};
  Preview preview;
  judge_client(one.findings);
  examine_cluster(job, preview, one.findings);
  judge_sinks(job, one.findings);
  judge_state(look_at_state(job.setup.config.state_dir, job.setup.name), one.findings);
  const int threads = job.setup.config.threads;
  judge_limits(host_limits(), tasks_of(job, preview), 2 * threads + 3, one.findings);
  return one;
}

}  // namespace

int doctor(const Call& call, Terminal& terminal) {
  const Result<std::vector<std::string>> paths = find_jobs(call.operands());
  if (!paths) return terminal.complain("weir doctor: " + paths.error().text), kBadJob;
  const bool json = call.value_or("--output", "text") == "json";
  std::vector<Examination> all;
  Verdict worst = Verdict::ok;
  for (const std::string& path : *paths) {
    PreparedJob job;
    const int code = prepare_job(call, path, "weir doctor", job, terminal, true);
    if (code != kGood) return code;
    all.push_back(examine(job));
    worst = std::max(worst, all.back().findings.worst());
    if (!json) {
      terminal.print(findings_text(all.back(), terminal.quiet(), terminal.colors_results()));
    }
  }
  if (json) {
    terminal.print(findings_json(all));
  } else {
    terminal.say(findings_summary(all));
  }
  return worst == Verdict::bad ? 2 : worst == Verdict::warn ? 1 : kGood;
}

}  // namespace weir::cli
