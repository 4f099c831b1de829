// The three jobs from bytes to bytes, next to a RapidJSON DOM parse of the same records in the same
// run. The counter `of_dom` is our time over its time.
#include <chrono>

#include <benchmark/benchmark.h>
#include <rapidjson/document.h>

#include "jobs/order_analytics.h"
#include "jobs/order_payment.h"
#include "jobs/sliding_counts.h"
#include "perf/job_inputs.h"
#include "perf/job_path.h"

namespace weir::perf {
namespace {

constexpr std::size_t kRecords = 4000;
constexpr std::size_t kCommitEvery = 2000;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void job(benchmark::State& state, const Result<Topology>& topology, std::vector<Fed> fed) {
  JobPath path(*topology);
  Timestamp later_ms = 0;
  const Timestamp span = fed.back().time - fed.front().time + 1;
  const auto run = [&] {
    std::size_t done = 0;
    for (const Fed& record : fed) {
      path.add(record.topic, record.value, record.time + later_ms);
      if (++done % kCommitEvery == 0) path.commit();
    }
    later_ms += span;
  };
  const auto parse = [&] {
    for (const Fed& record : fed) {
      rapidjson::Document document;
      document.Parse(record.value.data(), record.value.size());
      benchmark::DoNotOptimize(document.IsObject());
    }
  };
  run();
  double ours = 0, dom = 0;
  for ([[maybe_unused]] auto _ : state) {  // In turn, so that a noisy machine is noisy for both.
    const double seconds = seconds_of(run);
    state.SetIterationTime(seconds);
    ours += seconds;
    dom += seconds_of(parse);
  }
  const auto count = static_cast<double>(state.iterations()) * static_cast<double>(fed.size());
  state.counters["ns"] = ours / count * 1e9;
  state.counters["dom_ns"] = dom / count * 1e9;
  state.counters["of_dom"] = ours / dom;
  state.counters["results"] = static_cast<double>(path.results());
}

void order_payment(benchmark::State& state) {
  job(state, jobs::order_payment(), orders_and_payments(kRecords / 2));
}
void sliding_counts(benchmark::State& state) {
  job(state, jobs::sliding_counts(), transactions_in_time(kRecords));
}
void order_analytics(benchmark::State& state) {
  job(state, jobs::order_analytics(), orders_in_time(kRecords));
}

BENCHMARK(order_payment)->UseManualTime();
BENCHMARK(sliding_counts)->UseManualTime();
BENCHMARK(order_analytics)->UseManualTime();

}  // namespace
}  // namespace weir::perf
