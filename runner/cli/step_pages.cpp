#include "cli/step_pages.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "cli/numbers.h"
#include "cli/state_print.h"
#include "cli/waiting_sinks.h"
#include "cli/where.h"
#include "expression/json_text.h"
#include "http/process.h"
#include "job/diagnostic_print.h"
#include <weir/time_format.h>

namespace weir::cli {

namespace {

using http::Answer;
using http::Query;
using job::json_quoted;
using run::JobStep;

Answer refusal(int status, const Error& error) {
  return {.status = status,
          .body = "{\"error\":" + json_quoted(error.text) + ",\"hint\":" + json_quoted(error.hint) +
                  "}\n"};
}

std::string number(double value) {
  char text[40];
  const auto [end, failed] = std::to_chars(text, text + sizeof text, value);
  return failed == std::errc() ? std::string(text, end) : "0";
}

std::string time_json(Timestamp time) {
  std::string text;
  if (time == kNoTime || time == kEndOfTime || !append_time_text(text, time)) return "null";
  return json_quoted(text);
}

// A comma where it is needed.
std::string& next_in(std::string& out) {
  if (out.back() != '[' && out.back() != '{') out += ',';
  return out;
}

// The job that was asked for; the only one needs no name.
const run::RunningJob* asked_job(const RunningJobs& jobs, const Query& query) {
  const std::string name = query.value_or("job", "");
  for (const auto& job : jobs) {
    if (job->setup().name == name || (name.empty() && jobs.size() == 1)) return job.get();
  }
  return nullptr;
}

Error no_such_job(const RunningJobs& jobs, const Query& query) {
  std::string names;
  for (const auto& job : jobs) names += (names.empty() ? "" : ", ") + job->setup().name;
  const std::string name = query.value_or("job", "");
  return {name.empty() ? "several jobs run here" : "no job '" + name + "' runs here",
          "here run: " + names};
}

// ---- top ---------------------------------------------------------------------------------------

void append_step(std::string& out, const JobStep& step, const run::StepNumbers& did) {
  next_in(out) += "{\"step\":" + json_quoted(step.name) + ",\"kind\":" + json_quoted(step.kind) +
                  ",\"in\":" + std::to_string(did.in) + ",\"out\":" + std::to_string(did.out) +
                  ",\"discarded\":{";
  for (const auto& [reason, records] : did.discarded) {
    next_in(out) += json_quoted(reason) + ":" + std::to_string(records);
  }
  out += "},\"busy_seconds\":" + number(did.busy_seconds) + ",\"p99_seconds\":";
  out += did.times.count() == 0 ? "null" : number(did.times.percentile(99));
  out += ",\"times\":[";
  for (const std::uint64_t count : did.times.counts) next_in(out) += std::to_string(count);
  out += "],\"open_windows\":" + std::to_string(did.open_windows) + ",\"stores\":[";
  for (const std::string& store : step.stores) next_in(out) += json_quoted(store);
  out += "],\"entries\":" + std::to_string(did.entries) +
         ",\"bytes\":" + std::to_string(did.bytes) + "}";
}

// A stream is as far as its slowest partition.
void append_stream(std::string& out, const std::string& topic, const std::string& name,
                   const AppSnapshot& now) {
  Timestamp slowest = kEndOfTime;
  std::int64_t lag = 0;
  int idle = 0;
  std::string partitions = "[";
  for (const AppSnapshot::Input& input : now.inputs) {
    if (!input.is_source || input.topic != topic) continue;
    slowest = std::min(slowest, input.time);
    lag += std::max<std::int64_t>(0, input.lag);
    idle += input.idle ? 1 : 0;
    next_in(partitions) += "{\"partition\":" + std::to_string(input.partition) +
                           ",\"lag\":" + std::to_string(input.lag) +
                           ",\"time\":" + time_json(input.time) +
                           ",\"idle\":" + (input.idle ? "true" : "false") + "}";
  }
  const std::string time = time_json(slowest);
  next_in(out) += "{\"stream\":" + json_quoted(name) + ",\"topic\":" + json_quoted(topic) +
                  ",\"time\":" + time + ",\"behind_seconds\":" +
                  (time == "null" ? time : number(static_cast<double>(now.taken - slowest) / 1e3)) +
                  ",\"lag\":" + std::to_string(lag) + ",\"idle\":" + std::to_string(idle) +
                  ",\"partitions\":" + partitions + "]}";
}

std::string top_json(const run::RunningJob& job) {
  const AppSnapshot now = job.snapshot();
  const http::ProcessNumbers process = http::process_numbers();
  std::uint64_t dead = 0;
  for (const auto& [reason, records] : now.dead_letters) dead += records;
  std::uint64_t state = 0;
  for (const AppSnapshot::Disk& disk : now.disks) state += disk.bytes_used;
  std::string out = "{\"job\":" + json_quoted(job.setup().name) +
                    ",\"state\":" + json_quoted(to_string(now.state)) +
                    ",\"taken\":" + time_json(now.taken) + ",\"uptime_seconds\":" +
                    number(static_cast<double>(now.taken) / 1e3 - process.start_seconds) +
                    ",\"in\":" + std::to_string(now.total_in().records) +
                    ",\"out\":" + std::to_string(now.total_out().records) +
                    ",\"dead_letters\":" + std::to_string(dead) +
                    ",\"restore_remaining\":" + std::to_string(now.restore_remaining()) +
                    ",\"cpu_seconds\":" + number(process.cpu_seconds) +
                    ",\"resident_bytes\":" + number(process.resident_bytes) +
                    ",\"state_bytes\":" + std::to_string(state) +
                    ",\"sinks_waiting\":" + waiting_json(waiting_sinks(job)) + ",\"steps\":[";
  if (job.steps() != nullptr) {
    for (const JobStep& step : job.steps()->steps()) {
      append_step(out, step, job.steps()->numbers(step, now));
    }
  }
  out += "],\"streams\":[";
  for (const auto& [topic, name] : job.setup().streams) append_stream(out, topic, name, now);
  return out + "]}";
}

Answer top(const RunningJobs& jobs) {
  std::string body = "{\"limits\":[";
  for (const double limit : kStepLimits) next_in(body) += number(limit);
  body += "],\"jobs\":[";
  for (const auto& job : jobs) next_in(body) += top_json(*job);
  return {.body = body + "]}\n"};
}

// ---- tap ---------------------------------------------------------------------------------------

Answer open_tap(const run::RunningJob& job, const Query& query) {
  run::TapWish wish;
  wish.in = query.value_or("in", "1") == "1";
  wish.out = query.value_or("out", "1") == "1";
  const std::string rate = query.value_or("rate", "100");
  std::from_chars(rate.data(), rate.data() + rate.size(), wish.rate = 0);
  const Result<std::string> id = job.taps()->open(query.value_or("step", ""), wish, now_ms());
  if (!id) return refusal(404, id.error());
  return {.body = "{\"id\":" + json_quoted(*id) + "}\n"};
}

std::string_view value_of(std::string_view record) {
  for (expression::JsonWalk walk(record); walk.next();) {
    if (walk.key() == "value") return walk.value();
  }
  return {};
}

Answer fetch_tap(const run::RunningJob& job, const Query& query) {
  const std::string id = query.value_or("id", "");
  std::unique_ptr<Where> where;
  if (const std::string text = query.value_or("where", ""); !text.empty()) {
    Result<std::unique_ptr<Where>> made = Where::make(text);
    if (!made) return refusal(400, made.error());
    where = std::move(*made);
  }
  Result<run::TapHarvest> harvest = job.taps()->fetch(id, now_ms());
  if (!harvest) return refusal(410, harvest.error());
  if (query.value_or("close", "") == "1") job.taps()->close(id);
  std::string body = "{\"seen\":" + std::to_string(harvest->seen) +
                     ",\"unseen\":" + std::to_string(harvest->unseen) + ",\"records\":[";
  for (const std::string& record : harvest->records) {
    if (where && !where->holds(value_of(record))) continue;
    next_in(body) += record;
  }
  return {.body = body + "]}\n"};
}

Answer tap(const RunningJobs& jobs, const Query& query) {
  const run::RunningJob* job = asked_job(jobs, query);
  if (job == nullptr || job->taps() == nullptr) return refusal(404, no_such_job(jobs, query));
  return query.values.contains("id") ? fetch_tap(*job, query) : open_tap(*job, query);
}

// ---- state -------------------------------------------------------------------------------------

// A store of the running job itself.
class StoreAtWork final : public compile::StateSource {
 public:
  StoreAtWork(const run::RunningJob& job, std::string store, int partition)
      : job_(job), store_(std::move(store)), partition_(partition) {}
  Status scan(Bytes from, Bytes to, BytesStore::Visit visit) override {
    return job_.scan(store_, partition_, from, to, visit);
  }

 private:
  const run::RunningJob& job_;
  const std::string store_;
  const int partition_;
};

std::string state_of(const run::RunningJob& job) {
  const AppSnapshot now = job.snapshot();
  std::vector<StoreLine> stores;
  std::map<std::string, int> sub_topologies;
  const std::vector<StageSpec>& stages = job.setup().topology.stages();
  for (std::size_t at = 0; at < stages.size(); ++at) {
    for (const StoreSpec& store : stages[at].stores) {
      sub_topologies[store.name] = job.setup().topology.sub_topology_of(static_cast<int>(at));
    }
  }
  for (const AppSnapshot::Store& one : now.stores) {
    StoreAtWork source(job, one.name, one.partition);
    const std::string task =
        std::to_string(sub_topologies[one.name]) + "_" + std::to_string(one.partition);
    stores.push_back({one.name, std::string(job.state_rows()->kind(one.name)), task, one.partition,
                      one.entries, one.bytes_on_disk, compile::StateRows::time_of(source)});
  }
  std::vector<DiskLine> disks;
  for (const AppSnapshot::Disk& one : now.disks) {
    disks.push_back({std::to_string(one.sub_topology) + "_" + std::to_string(one.partition),
                     one.bytes_used, one.bytes_mapped});
  }
  return state_json(job.setup().name, stores, disks);
}

Answer state(const RunningJobs& jobs) {
  std::string body = "{\"jobs\":[";
  for (const auto& job : jobs) {
    if (job->state_rows() != nullptr) next_in(body) += state_of(*job);
  }
  return {.body = body + "]}\n"};
}

Answer state_rows(const RunningJobs& jobs, const Query& query) {
  const run::RunningJob* job = asked_job(jobs, query);
  if (job == nullptr || job->state_rows() == nullptr) {
    return refusal(404, no_such_job(jobs, query));
  }
  const std::string& store = query.rest;
  if (job->state_rows()->kind(store).empty()) {
    return refusal(404, Error{"the job has no store '" + store + "'",
                              job::did_you_mean(store, job->state_rows()->names())});
  }
  compile::StateWish wish;
  if (query.values.contains("key")) wish.key = query.value_or("key", "");
  const bool good = read_time_flag(query.value_or("from", ""), wish.from) &&
                    read_time_flag(query.value_or("to", ""), wish.to);
  std::size_t limit = 0;
  const std::string text = query.value_or("limit", "100");
  std::from_chars(text.data(), text.data() + text.size(), limit);
  if (!good || limit < 1 || limit > 10'000) {
    return refusal(400, Error{"from and to are times, limit is a number from 1 to 10000"});
  }
  std::set<int> partitions;
  for (const AppSnapshot::Store& one : job->snapshot().stores) {
    if (one.name == store) partitions.insert(one.partition);
  }
  std::string body = "{\"rows\":[";
  std::size_t shown = 0;
  bool more = false;
  for (const int partition : partitions) {
    StoreAtWork source(*job, store, partition);
    const Status read = job->state_rows()->read(store, wish, source, [&](std::string_view members) {
      if (shown == limit) return more = true, false;
      ++shown;
      next_in(body) += row_json(store, partition, members);
      return true;
    });
    if (!read) return refusal(500, read.error());
  }
  return {.body = body + "],\"more\":" + (more ? "true" : "false") + "}\n"};
}

}  // namespace

void add_step_pages(const RunningJobs& jobs, http::Pages& pages) {
  pages["/api/v1/top"] = [&jobs] { return top(jobs); };
  pages["/api/v1/tap"] = [&jobs](const Query& query) { return tap(jobs, query); };
  pages["/api/v1/state"] = [&jobs] { return state(jobs); };
  pages["/api/v1/state/*"] = [&jobs](const Query& query) { return state_rows(jobs, query); };
}

}  // namespace weir::cli
