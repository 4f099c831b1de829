#include "cli/job_pages.h"

#include "cli/step_pages.h"
#include "cli/waiting_sinks.h"
#include "http/metrics.h"
#include "http/sha256.h"
#include "job/diagnostic_print.h"
#include "kafka/probe.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using job::json_quoted;

// As long as Kafka itself bears with a consumer that does not ask for records.
constexpr Duration kStillMax{300'000};

// Those that give one result for each window that they close.
std::set<std::string> closing_steps(const job::JobPlan& plan) {
  std::set<std::string> closing;
  for (const job::PipelinePlan& pipeline : plan.pipelines) {
    for (const job::StepPlan& step : pipeline.steps) {
      const bool closes = step.aggregate && step.aggregate->window != job::WindowKind::none &&
                          !step.aggregate->on_update;
      if (closes) closing.insert(step.store);
    }
  }
  return closing;
}

http::JobNumbers numbers_of(const run::RunningJob& job) {
  const run::JobSetup& setup = job.setup();
  http::JobNumbers numbers{.job = setup.name,
                           .exactly_once = setup.config.guarantee == Guarantee::exactly_once,
                           .streams = setup.streams,
                           .sinks = setup.sinks,
                           .sha256 = http::sha256_hex(setup.redacted_json),
                           .loaded = setup.loaded,
                           .kafka_client = kafka::client_version(),
                           .snapshot = job.snapshot()};
  if (setup.plan) numbers.closing = closing_steps(*setup.plan);
  for (const auto& [stream, count] : setup.key_mismatches) {
    numbers.key_mismatches[stream] = count->load(std::memory_order_relaxed);
  }
  return numbers;
}

http::Answer metrics(const RunningJobs& jobs) {
  std::vector<http::JobNumbers> numbers;
  for (const auto& job : jobs) numbers.push_back(numbers_of(*job));
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = http::metrics_text(numbers)};
}

// Every job has to be in a state that `good` accepts.
template <class Good>
http::Answer probe(const RunningJobs& jobs, Good good) {
  std::string body = "{\"jobs\":{";
  bool all = true;
  for (const auto& job : jobs) {
    if (body.back() != '{') body += ",";
    body += json_quoted(job->setup().name) + ":" + json_quoted(to_string(job->state()));
    all = all && good(*job);
  }
  return {.status = all ? 200 : 503, .body = body + "},\"ok\":" + (all ? "true" : "false") + "}\n"};
}

// Running, and no sink stands still.
http::Answer readiness(const RunningJobs& jobs) {
  bool all = true;
  std::string waiting;
  for (const auto& job : jobs) {
    const auto sinks = waiting_sinks(*job);
    if (!sinks.empty()) {
      waiting +=
          (waiting.empty() ? "" : ",") + json_quoted(job->setup().name) + ":" + waiting_json(sinks);
    }
    all = all && sinks.empty();
  }
  http::Answer answer = probe(
      jobs, [&](const run::RunningJob& job) { return all && job.state() == AppState::running; });
  if (!all) answer.body.insert(1, "\"sinks_waiting\":{" + waiting + "},");
  return answer;
}

std::string time_json(Timestamp time) {
  std::string text;
  if (time == kNoTime || time == kEndOfTime || !append_time_text(text, time)) return "null";
  return json_quoted(text);
}

void append_counts(std::string& out, std::string_view name,
                   const std::map<std::string, std::uint64_t>& counts) {
  out += "," + json_quoted(name) + ":{";
  for (const auto& [reason, count] : counts) {
    if (out.back() != '{') out += ",";
    out += json_quoted(reason) + ":" + std::to_string(count);
  }
  out += "}";
}

void append_inputs(std::string& out, const AppSnapshot& now) {
  out += ",\"inputs\":[";
  for (const AppSnapshot::Input& input : now.inputs) {
    if (out.back() != '[') out += ",";
    out += "{\"topic\":" + json_quoted(input.topic) +
           ",\"partition\":" + std::to_string(input.partition) +
           ",\"committed\":" + std::to_string(input.committed) +
           ",\"lag\":" + std::to_string(input.lag) + ",\"time\":" + time_json(input.time) +
           ",\"idle\":" + (input.idle ? "true" : "false") + "}";
  }
  out += "]";
}

std::string job_json(const run::RunningJob& job) {
  const AppSnapshot now = job.snapshot();
  std::string out = "{\"job\":" + json_quoted(job.setup().name) +
                    ",\"state\":" + json_quoted(to_string(now.state)) +
                    ",\"in\":" + std::to_string(now.total_in().records) +
                    ",\"out\":" + std::to_string(now.total_out().records) +
                    ",\"commits\":" + std::to_string(now.commits) +
                    ",\"tasks\":" + std::to_string(now.tasks.size()) +
                    ",\"restore_remaining\":" + std::to_string(now.restore_remaining());
  append_counts(out, "discarded", now.discarded_by_reason());
  append_counts(out, "dead_letters", now.dead_letters);
  append_inputs(out, now);
  return out + ",\"sinks_waiting\":" + waiting_json(waiting_sinks(job)) + "}";
}

http::Answer list(const RunningJobs& jobs, std::string (*one)(const run::RunningJob&)) {
  std::string body = "[";
  for (const auto& job : jobs) {
    if (body.size() > 1) body += ",";
    body += one(*job);
  }
  return {.body = body + "]\n"};
}

std::string config_json(const run::RunningJob& job) { return job.setup().redacted_json; }

}  // namespace

http::Pages pages_of(const RunningJobs& jobs) {
  http::Pages pages;
  pages["/metrics"] = [&jobs] { return metrics(jobs); };
  pages["/livez"] = [&jobs] {
    return probe(jobs, [](const run::RunningJob& job) {
      return job.state() != AppState::failed && job.snapshot().stands_still() < kStillMax;
    });
  };
  pages["/readyz"] = [&jobs] { return readiness(jobs); };
  pages["/startupz"] = [&jobs] {
    return probe(jobs, [](const run::RunningJob& job) { return job.state() > AppState::starting; });
  };
  pages["/api/v1/job"] = [&jobs] { return list(jobs, job_json); };
  pages["/api/v1/config"] = [&jobs] { return list(jobs, config_json); };
  add_step_pages(jobs, pages);
  return pages;
}

}  // namespace weir::cli
