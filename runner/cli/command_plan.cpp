#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/plan_lines.h"
#include "run/reach.h"
#include "run/server_sink.h"

namespace weir::cli {

namespace {

using Kind = job::SinkPlan::Kind;

constexpr int kChanges = 3;

SinkLook look_at_folder(const std::string& path) {
  std::error_code failed;
  const bool is_there = std::filesystem::exists(path, failed);
  return {is_there ? SinkLook::Is::ready : SinkLook::Is::missing, ""};
}

std::vector<SinkAhead> look_at_sinks(const PreparedJob& job) {
  std::vector<SinkAhead> sinks;
  for (const compile::CompiledSink& sink : job.sinks) {
    const job::SinkPlan& plan = sink.plan;
    if (plan.kind == Kind::mongodb) {
      sinks.push_back({"mongodb", plan.mongodb->database + "." + plan.mongodb->collection,
                       look_at(run::mongodb_options_of(plan, sink.schema))});
    } else if (plan.kind == Kind::postgres) {
      sinks.push_back(
          {"postgres", plan.postgres->table, look_at(run::postgres_options_of(plan, sink.schema))});
    } else if (plan.kind == Kind::file) {
      sinks.push_back({"file", plan.file->path, look_at_folder(plan.file->path)});
    }
  }
  return sinks;
}

int code_of(const Preview& preview, const std::vector<PlanLine>& lines) {
  if (!preview.refusal) return preview.refusal.code();
  const auto is_refused = [](const PlanLine& line) { return line.what == "refused"; };
  if (std::ranges::any_of(lines, is_refused)) return kBadJob;
  return has_change(lines) ? kChanges : static_cast<int>(kGood);
}

}  // namespace

int plan(const Call& call, Terminal& terminal) {
  PreparedJob job;
  const int prepared = prepare_job(call, call.operands().front(), "weir plan", job, terminal);
  if (prepared != kGood) return prepared;
  const auto cluster = run::reach(job.connection);
  if (!cluster.ok()) {
    terminal.complain("weir plan: " + run::words_of(cluster.outcome, job.connection.brokers));
    return run::exit_code_of(cluster.outcome);
  }
  Preview preview;
  const AppStatus looked =
      look_ahead(job.setup.config, job.setup.topology, *cluster.value, preview);
  if (!looked) {
    return terminal.complain("weir plan: " + looked.error().to_string()), looked.code();
  }
  const std::vector<PlanLine> lines = plan_lines(preview, look_at_sinks(job));
  const int code = code_of(preview, lines);
  if (call.value_or("--output", "text") == "json") {
    terminal.print(plan_json(job.setup.name, preview, lines, code));
    return code;
  }
  terminal.print(plan_text(job.setup.name, preview, lines));
  terminal.say(code == kGood ? "nothing would change but what is read and written"
                             : "nothing was changed");
  terminal.say("what the job computes is not compared, only what it keeps, reads and makes");
  return code;
}

}  // namespace weir::cli
