#include <csignal>
#include <cstdlib>
#include <set>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/job_pages.h"
#include "cli/numbers.h"
#include "cli/progress.h"
#include "job/scalar.h"
#include "run/job_setup.h"
#include "run/notify.h"
#include "run/signals.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kCutOffWait{1000};
constexpr Duration kStatusEvery{5000};
constexpr const char* kCutOffHint = "nothing is lost: a later run goes on from the last commit";

// Everything that is known before a broker is asked.
struct Preparation {
  std::vector<run::JobSetup> setups;
  std::string http;
  int lines = 0;
};

int refuse(Terminal& terminal, const Error& error, int code) {
  return terminal.complain("weir run: " + error.to_string()), code;
}

int read_options(const Call& call, run::SetupOptions& options, Terminal& terminal) {
  options.until_end = call.has("--until-end");
  options.drain = call.has("--drain");
  options.from = call.value("--from");
  options.state_dir = call.value("--state-dir");
  if (!options.state_dir) {
    options.state_dir = job::Outside::of_process().environment("WEIR_STATE_DIR");
  }
  if (call.has("--threads")) {
    const auto threads = integer_of(call, "--threads");
    if (!threads || *threads < 1 || *threads > 256) {
      return refuse(terminal, Error{"--threads takes a number from 1 to 256"}, kUsage);
    }
    options.threads = static_cast<int>(*threads);
  }
  if (call.has("--for") && !duration_of(call, "--for")) {
    return refuse(terminal, Error{"--for takes a duration such as 10m"}, kUsage);
  }
  for (const std::string& text : call.values("--replace-sink")) {
    const auto pair = split_pair(text);
    if (!pair) return refuse(terminal, Error{"--replace-sink takes NAME=WHAT"}, kUsage);
    options.replaced_sinks[pair->first] = pair->second;
  }
  return kGood;
}

// Names of other jobs' sinks are no mistake when several jobs run.
std::map<std::string, std::string> replaced_of(const job::JobPlan& plan,
                                               const run::SetupOptions& options, bool single) {
  if (single) return options.replaced_sinks;
  std::map<std::string, std::string> own;
  const auto add = [&](const std::vector<job::SinkPlan>& sinks) {
    for (const job::SinkPlan& sink : sinks) {
      for (const auto& [name, what] : options.replaced_sinks) {
        const bool kind = (sink.mongodb && name == "mongodb") ||
                          (sink.console && name == "console") || (sink.file && name == "file") ||
                          (sink.postgres && name == "postgres");
        if (sink.name == name || sink.topic == name || kind) own[name] = what;
      }
    }
  };
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    add(pipeline.sinks);
    for (const auto& route : pipeline.routes) add(route.sinks);
    for (const auto& step : pipeline.steps) {
      if (step.join) add(step.join->unmatched_sinks);
    }
  }
  return own;
}

// Lines of `log` steps.
compile::LogLine log_to(Terminal& terminal, const std::string& job) {
  return [&terminal, job](std::string_view level, std::string_view text) {
    terminal.log(level_of(level), job, text);
  };
}

int prepare_one(const Call& call, const std::string& path, const job::LoadOptions& load,
                run::SetupOptions options, Preparation& into, Terminal& terminal) {
  JobFile file = read_job(path, load);
  if (const int code = report(file, terminal); code != kGood) return code;
  const auto kept = std::make_shared<const job::JobPlan>(std::move(*file.loaded.plan));
  const job::JobPlan& plan = *kept;
  Result<run::Connection> connection = connection_of(call, plan.kafka);
  if (!connection) return refuse(terminal, connection.error(), kUsage);
  options.connection = std::move(*connection);
  options.sink_log = [&terminal](int level, std::string_view text) {
    terminal.complain((level <= 4 ? "warning: " : "") + std::string(text));
  };
  options.screen.print = [&terminal](std::string_view text) { return terminal.print(text); };
  if (Terminal::is_terminal(stdout)) options.screen.columns = Terminal::columns(stdout);
  options.replaced_sinks = replaced_of(plan, options, call.operands().size() == 1);
  auto compiled = compile::compile(plan, log_to(terminal, plan.name));
  if (!compiled) return refuse(terminal, compiled.error(), kBadJob);
  run::JobSetup setup;
  if (const auto wrong = run::set_up(plan, std::move(*compiled), options, setup)) {
    return refuse(terminal, wrong->error, wrong->usage ? kUsage : kBadJob);
  }
  setup.plan = kept;
  setup.redacted_json = file.loaded.redacted_json;
  if (into.http.empty()) into.http = plan.http.listen;
  if (into.setups.empty()) {  // Of several jobs the first says how.
    terminal.set_log(LogStyle::of(call.value_or("--log-format", plan.log.format),
                                  call.value_or("--log-level", plan.log.level)));
  }
  into.lines += file.source->lines();
  into.setups.push_back(std::move(setup));
  return kGood;
}

int prepare(const Call& call, Preparation& into, Terminal& terminal) {
  const Result<job::LoadOptions> load = load_options(call);
  if (!load) return refuse(terminal, load.error(), kUsage);
  run::SetupOptions options;
  if (const int code = read_options(call, options, terminal); code != kGood) return code;
  into.http = call.value_or("--http", "");
  std::set<std::string> names;
  for (const std::string& path : call.operands()) {
    const int code = prepare_one(call, path, *load, options, into, terminal);
    if (code != kGood) return code;
    if (!names.insert(into.setups.back().name).second) {
      return refuse(terminal, Error{"two jobs are called '" + into.setups.back().name + "'"},
                    kUsage);
    }
  }
  return kGood;
}

// The loop beside the jobs: signals, progress, systemd, the end.
class Supervisor {
 public:
  Supervisor(RunningJobs& jobs, Progress& progress, Terminal& terminal, std::string url)
      : jobs_(jobs), progress_(progress), terminal_(terminal), url_(std::move(url)) {}

  int run(run::StopSignals& signals, std::optional<std::int64_t> for_ms) {
    for (const auto& job : jobs_) job->start();
    const auto start = Clock::now();
    while (!all_ended() && !given_up()) {
      if (const auto signal = signals.wait(Duration(50))) stop(*signal);
      if (for_ms && !stopping_ && Clock::now() - start >= Duration(*for_ms)) stop(0);
      progress_.look(jobs_);
      for (const auto& job : jobs_) job->taps()->tidy(now_ms());
      if (!ready_ && all_ready()) say_ready();
      if (!stopping_ && one_failed() && !all_ended()) stop(0);
      tell_systemd();
    }
    progress_.look(jobs_);
    return end();
  }

 private:
  bool all_ended() const {
    return std::ranges::all_of(jobs_, [](const auto& job) { return job->ended().has_value(); });
  }
  bool all_ready() const {
    return std::ranges::all_of(jobs_, [](const auto& job) { return job->was_ready(); });
  }
  bool one_failed() const {
    return std::ranges::any_of(jobs_, [](const auto& job) {
      const auto ended = job->ended();
      return ended && !*ended;
    });
  }

  void say_ready() {
    ready_ = true;
    progress_.ready(jobs_, url_);
    notify_.ready();
    told_ = {};
  }

  void stop(int signal) {
    if (signal == SIGINT) interrupted_ = true;
    stopping_ = true;
    progress_.stopping();
    notify_.stopping();
    if (signal != 0 && ++asked_ == 2) cut_off_ = Clock::now();
    for (const auto& job : jobs_) job->stop();  // A second time cuts off.
  }

  // Who asks twice does not want to wait for brokers that hang.
  bool given_up() const { return asked_ > 1 && Clock::now() - cut_off_ > kCutOffWait; }

  // The watchdog hears from here only while the loops of all workers turn.
  void tell_systemd() {
    const auto now = Clock::now();
    const bool watched = notify_.watchdog().count() > 0;
    const Duration still_max = watched ? notify_.watchdog() / 3 : kStatusEvery;
    if (now - told_ < std::min(still_max, kStatusEvery)) return;
    told_ = now;
    const bool turning = std::ranges::all_of(
        jobs_, [&](const auto& job) { return job->snapshot().stands_still() < still_max; });
    if (stopping_ || turning) notify_.alive();  // A stop has a time limit of its own.
    notify_.status(ready_ ? totals_line(jobs_) : Progress::awaited(jobs_));
  }

  int end() {
    terminal_.clear();
    int code = kGood;
    for (const auto& job : jobs_) {
      const AppStatus status = job->ended().value_or(
          AppStatus(AppFault::try_again, Error{"cut off before it had committed", kCutOffHint}));
      if (status) continue;
      terminal_.complain(styled("error: ", "31", terminal_.colors_words()) + job->setup().name +
                         ": " + status.error().to_string());
      if (code == kGood) code = status.code();
    }
    terminal_.announce(totals_line(jobs_));
    if (!all_ended()) std::_Exit(code);  // As a SIGKILL would: nothing is lost.
    const bool at_a_terminal = Terminal::is_terminal(stdin);
    return code == kGood && interrupted_ && at_a_terminal ? static_cast<int>(kInterrupted) : code;
  }

  RunningJobs& jobs_;
  Progress& progress_;
  Terminal& terminal_;
  std::string url_;
  run::Notify notify_;
  Clock::time_point told_{};
  Clock::time_point cut_off_{};
  int asked_ = 0;  // How often a signal asked it to stop.
  bool ready_ = false;
  bool stopping_ = false;
  bool interrupted_ = false;
};

}  // namespace

int run_jobs(const Call& call, Terminal& terminal) {
  run::StopSignals signals;
  Preparation prepared;
  if (const int code = prepare(call, prepared, terminal); code != kGood) return code;
  Progress progress(terminal, terminal.is_lively() && !call.has("--no-progress"));
  RunningJobs jobs;
  std::string names;
  for (run::JobSetup& setup : prepared.setups) {
    names += (names.empty() ? "" : ", ") + setup.name;
    jobs.push_back(std::make_unique<run::RunningJob>(std::move(setup)));
  }
  terminal.say(names + "  weir " + std::string(kVersion));
  const AppConfig& first = jobs.front()->setup().config;
  progress.tick("job file", grouped(prepared.lines) + " lines");
  progress.tick("kafka", first.brokers);
  progress.tick("state", first.state_dir.string());
  std::unique_ptr<http::Server> server;
  if (prepared.http != "off") {
    Result<std::unique_ptr<http::Server>> listening =
        http::Server::listen(prepared.http, pages_of(jobs));
    if (!listening) return refuse(terminal, listening.error(), kCannotCreate);
    server = std::move(*listening);
  }
  Supervisor supervisor(jobs, progress, terminal, server ? server->url() : "");
  return supervisor.run(signals, duration_of(call, "--for"));
}

}  // namespace weir::cli
