#include "cli/prepared_job.h"

#include <set>

#include "cli/connection_flags.h"
#include "cli/exit_code.h"

namespace weir::cli {

namespace {

Result<run::SetupOptions> setup_options(const Call& call) {
  run::SetupOptions options;
  options.from = call.value("--from");
  options.state_dir = call.value("--state-dir");
  if (!options.state_dir) {
    options.state_dir = job::Outside::of_process().environment("WEIR_STATE_DIR");
  }
  for (const std::string& text : call.values("--replace-sink")) {
    const auto pair = split_pair(text);
    if (!pair) return Error{"--replace-sink takes NAME=WHAT"};
    options.replaced_sinks[pair->first] = pair->second;
  }
  options.sink_log = [](int, std::string_view) {};
  return options;
}

}  // namespace

int prepare_job(const Call& call, const std::string& path, const std::string& who,
                PreparedJob& into, Terminal& terminal, bool judges_sinks) {
  const auto refuse = [&](const Error& error, int code) {
    return terminal.complain(who + ": " + error.to_string()), code;
  };
  Result<job::LoadOptions> load = load_options(call);
  if (!load) return refuse(load.error(), kUsage);
  load->check_addresses = !judges_sinks;
  Result<run::SetupOptions> options = setup_options(call);
  if (!options) return refuse(options.error(), kUsage);
  options->keep_wrong_sinks = judges_sinks;
  into.path = path;
  into.file = std::make_unique<JobFile>(read_job(path, *load));
  if (const int code = report(*into.file, terminal); code != kGood) return code;
  into.plan = std::make_shared<const job::JobPlan>(std::move(*into.file->loaded.plan));
  Result<run::Connection> connection = connection_of(call, into.plan->kafka);
  if (!connection) return refuse(connection.error(), kUsage);
  into.connection = *connection;
  options->connection = std::move(*connection);
  auto compiled = compile::compile(*into.plan);
  if (!compiled) return refuse(compiled.error(), kBadJob);
  const std::vector<compile::CompiledSink> sinks = compiled->sinks;
  if (const auto wrong = run::set_up(*into.plan, std::move(*compiled), *options, into.setup)) {
    return refuse(wrong->error, wrong->usage ? kUsage : kBadJob);
  }
  into.setup.plan = into.plan;
  const std::set<std::string> replaced = run::replaced_sinks(*options, sinks);
  for (const compile::CompiledSink& sink : sinks) {
    if (!replaced.contains(sink.topic)) into.sinks.push_back(sink);
  }
  return kGood;
}

}  // namespace weir::cli
