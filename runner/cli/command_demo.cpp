#include <cmath>
#include <filesystem>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/demo_screen.h"
#include "cli/exit_code.h"
#include "cli/job_pages.h"
#include "cli/numbers.h"
#include "generate/builtin.h"
#include "generate/generator.h"
#include "job/diagnostic_print.h"
#include "job/load.h"
#include "job/scalar.h"
#include "kafka/demo_cluster.h"
#include "run/job_setup.h"
#include "run/signals.h"
#include "run/topic_writer.h"

namespace weir::cli {

namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::string_view kJob =
#include "demo_job.inc"
    ;

// The shipped job, in a hurry: an order waits seconds for its payment, so that there is something
// to see.
const std::vector<std::pair<std::string, std::string>> kHurry = {
    {"kafka.guarantee", "at_least_once"},         {"pipelines.pairs.steps.0.join.within", "4s"},
    {"pipelines.pairs.steps.0.join.delay", "1s"}, {"streams.orders.watermark.idle", "2s"},
    {"streams.payments.watermark.idle", "2s"},
};

// A folder that is gone when the demonstration is.
class Folder {
 public:
  Folder() {
    std::string path = (fs::temp_directory_path() / "weir-demo-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// All that the demonstration is made of.
struct Stage {
  Folder folder;
  std::shared_ptr<kafka::DemoCluster> cluster;
  std::unique_ptr<job::Source> source;
  job::Loaded loaded;
  DemoScreen screen;
  RunningJobs jobs;
};

int fail(Terminal& terminal, const std::string& text, int code) {
  return terminal.complain("weir demo: " + text), code;
}

int load(Stage& stage, Terminal& terminal) {
  stage.source = std::make_unique<job::Source>("order-payments.yaml", std::string(kJob));
  job::Diagnostics found(*stage.source);
  job::LoadOptions options;
  // The environment of whoever looks on must not change the show.
  options.outside.environment = [](const std::string&) { return std::optional<std::string>(); };
  options.outside.file = [](const std::string&) -> Result<std::string> { return Error{"none"}; };
  options.set = kHurry;
  stage.loaded = job::load_job(found, options);
  if (stage.loaded.plan) return kGood;
  const std::string why =
      stage.loaded.usage ? job::print_plain(found.all()) : stage.loaded.usage.error().to_string();
  return fail(terminal, why, kInternal);
}

int set_stage(Stage& stage, Terminal& terminal) {
  if (const int code = load(stage, terminal); code != kGood) return code;
  if (stage.folder.path().empty())
    return fail(terminal, "cannot make a temporary folder", kStateIo);
  auto made = kafka::make_demo_cluster({});
  if (!made.ok()) return fail(terminal, made.outcome.text, kInternal);
  stage.cluster = std::move(made.value);
  auto compiled = compile::compile(*stage.loaded.plan);
  if (!compiled) return fail(terminal, compiled.error().to_string(), kInternal);
  run::SetupOptions options;
  options.connection.brokers = stage.cluster->brokers();
  options.state_dir = stage.folder.path().string();
  options.replaced_sinks = {{"mongodb", "none"}};
  run::JobSetup setup;
  if (const auto wrong = run::set_up(*stage.loaded.plan, std::move(*compiled), options, setup)) {
    return fail(terminal, wrong->error.to_string(), kInternal);
  }
  setup.config.membership = Membership::dynamic;
  setup.config.sinks["order-payments"] = stage.screen.pairs.sink();
  setup.config.sinks["order-payments.unmatched"] = stage.screen.unmatched.sink();
  setup.redacted_json = stage.loaded.redacted_json;
  stage.jobs.push_back(std::make_unique<run::RunningJob>(std::move(setup), stage.cluster));
  return kGood;
}

// Sends what is due; false when the brokers of the demonstration do not take it.
bool send_due(generate::Generator& generator, std::optional<generate::Made>& next, std::int64_t now,
              run::TopicWriter& writer) {
  for (;;) {
    if (!next) next = generator.next();
    if (next->due_ms > now) break;
    if (!writer.write(next->stream, next->key, next->value, next->time).ok()) return false;
    next.reset();
  }
  writer.poll();
  return true;
}

int play(Stage& stage, generate::Plan& plan, run::TopicWriter& writer, run::StopSignals& signals,
         std::optional<std::int64_t> for_ms, Terminal& terminal) {
  run::RunningJob& job = *stage.jobs.front();
  job.start();
  while (!job.was_ready() && !job.ended()) {
    stage.screen.wait(terminal, to_string(job.state()));
    if (signals.wait(Duration(100))) return kGood;
  }
  generate::Generator generator(plan, {.start = now_ms()});
  std::optional<generate::Made> next;
  const auto start = Clock::now();
  while (!job.ended()) {
    const auto passed = std::chrono::duration_cast<Duration>(Clock::now() - start).count();
    if (for_ms && passed >= *for_ms) break;
    if (!send_due(generator, next, passed, writer)) {
      return fail(terminal, "the simulated brokers take no more", kInternal);
    }
    stage.screen.show(terminal, job.snapshot(), passed);
    if (signals.wait(Duration(20))) break;
  }
  return kGood;
}

// Everything sent is read and each record has come out as one thing.
int finish(Stage& stage, run::TopicWriter& writer, run::StopSignals& signals, Terminal& terminal) {
  run::RunningJob& job = *stage.jobs.front();
  stage.screen.finishing(terminal);
  const bool sent = writer.finish().ok();
  // Both topics fall silent, so time follows the clock and what waits gives up: within the 4 s of
  // the join, its delay and what a stream needs to count as idle.
  const auto end = Clock::now() + std::chrono::seconds(20);
  const auto settled = Clock::now() + std::chrono::milliseconds(2500);
  while (sent && Clock::now() < end && !job.ended()) {
    if (Clock::now() > settled && stage.screen.waiting(job.snapshot()) == 0) break;
    if (signals.wait(Duration(50))) break;
  }
  job.stop();
  const auto limit = Clock::now() + std::chrono::seconds(20);
  while (!job.ended()) {
    if (Clock::now() > limit) return fail(terminal, "the job does not end", kInternal);
    if (signals.wait(Duration(50))) job.stop();
  }
  const AppStatus status = *job.ended();
  if (!status) return fail(terminal, status.error().to_string(), status.code());
  return stage.screen.sum_up(terminal, job.snapshot()) ? kGood : kInternal;
}

}  // namespace

int demo(const Call& call, Terminal& terminal) {
  run::StopSignals signals;
  std::optional<std::int64_t> for_ms = duration_of(call, "--for");
  if (call.has("--for") && !for_ms) return fail(terminal, "--for takes a duration", kUsage);
  if (!for_ms && !Terminal::is_terminal(stdout)) for_ms = 20'000;
  const job::Source text("demo", std::string(generate::find_builtin("demo")->yaml));
  job::Diagnostics found(text);
  std::optional<generate::Plan> plan = generate::read_plan(found, job::Outside::of_process());
  if (!plan) return fail(terminal, job::print_plain(found.all()), kInternal);
  if (const auto rate = call.value("--rate")) {
    if (!job::parse_rate(*rate, plan->rate) || plan->rate <= 0) {
      return fail(terminal, "--rate takes a rate such as 20/s", kUsage);
    }
  }
  if (const auto seed = integer_of(call, "--seed")) plan->seed = static_cast<std::uint64_t>(*seed);
  Stage stage;
  if (const int code = set_stage(stage, terminal); code != kGood) return code;
  std::vector<std::string> topics;
  for (const auto& stream : plan->streams) topics.push_back(stream.topic);
  auto writer = run::TopicWriter::open(*stage.cluster, topics, 3);
  if (!writer.ok()) return fail(terminal, writer.outcome.text, kInternal);
  stage.screen.begin(terminal);
  std::unique_ptr<http::Server> server;
  if (call.value_or("--http", "off") != "off") {
    auto listening = http::Server::listen(call.value_or("--http", ""), pages_of(stage.jobs));
    if (!listening) return fail(terminal, listening.error().to_string(), kCannotCreate);
    server = std::move(*listening);
  }
  const int played = play(stage, *plan, *writer.value, signals, for_ms, terminal);
  if (played != kGood) return played;
  if (const auto ended = stage.jobs.front()->ended(); ended && !*ended) {
    return fail(terminal, ended->error().to_string(), ended->code());
  }
  if (!stage.jobs.front()->was_ready()) return kGood;  // Stopped before anything was to be seen.
  return finish(stage, *writer.value, signals, terminal);
}

}  // namespace weir::cli
