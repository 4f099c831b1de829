// Reading and writing JSON, next to RapidJSON in the same run. The counter `of_dom` is our time
// over the time of a RapidJSON DOM parse of the same records.
#include <ctime>

#include <benchmark/benchmark.h>
#include <rapidjson/document.h>

#include "perf/json_records.h"
#include <weir/json_reader.h>
#include <weir/json_value.h>

namespace weir::perf {
namespace {

constexpr std::size_t kRecords = 500;
const std::vector<std::string> kFewOf27 = {"customer_id", "final_amount", "producer_timestamp"};
const std::vector<std::string> kNested = {"order_id", "user_id", "customer.tier", "amount"};
const std::vector<std::string> kSmall = {"payment_id", "order_id", "amount"};

// Of this thread on the processor: the machine may be busy with others.
double seconds_of(const auto& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double start = now();
  work();
  return now() - start;
}

void parse_all(const std::vector<std::string>& records) {
  for (const std::string& record : records) {
    rapidjson::Document document;
    document.Parse(record.data(), record.size());
    benchmark::DoNotOptimize(document.IsObject());
  }
}

// Both in turn, so that a noisy machine is noisy for both.
void read(benchmark::State& state, const std::vector<std::string>& records,
          const std::vector<std::string>& paths, JsonSpeed speed) {
  if (speed > fastest_json_speed()) return state.SkipWithError("not on this processor");
  JsonReader reader(paths, speed);
  const auto read_all = [&] {
    for (const std::string& record : records) {
      benchmark::DoNotOptimize(static_cast<bool>(reader.read(record)));
    }
  };
  read_all();
  double ours = 0;
  double dom = 0;
  for ([[maybe_unused]] auto _ : state) {
    const double seconds = seconds_of(read_all);
    state.SetIterationTime(seconds);
    ours += seconds;
    dom += seconds_of([&] { parse_all(records); });
  }
  const auto count = static_cast<double>(state.iterations()) * static_cast<double>(records.size());
  state.counters["ns"] = ours / count * 1e9;
  state.counters["dom_ns"] = dom / count * 1e9;
  state.counters["of_dom"] = ours / dom;
}

void transactions(benchmark::State& state, JsonSpeed speed) {
  read(state, Records::transactions(kRecords), kFewOf27, speed);
}
void orders(benchmark::State& state, JsonSpeed speed) {
  read(state, Records::orders(kRecords), kNested, speed);
}
void payments(benchmark::State& state, JsonSpeed speed) {
  read(state, Records::payments(kRecords), kSmall, speed);
}

BENCHMARK_CAPTURE(transactions, scalar, JsonSpeed::kScalar)->UseManualTime();
BENCHMARK_CAPTURE(transactions, sse2, JsonSpeed::kSse2)->UseManualTime();
BENCHMARK_CAPTURE(transactions, avx2, JsonSpeed::kAvx2)->UseManualTime();
BENCHMARK_CAPTURE(orders, scalar, JsonSpeed::kScalar)->UseManualTime();
BENCHMARK_CAPTURE(orders, sse2, JsonSpeed::kSse2)->UseManualTime();
BENCHMARK_CAPTURE(orders, avx2, JsonSpeed::kAvx2)->UseManualTime();
BENCHMARK_CAPTURE(payments, avx2, JsonSpeed::kAvx2)->UseManualTime();

void six_field_row(benchmark::State& state) {
  const JsonTemplate row({"window_start", "window_end", "customer_id", "unique_users",
                          "order_count", "total_revenue"});
  std::string out;
  std::int64_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    ++number;
    const JsonValue values[] = {JsonValue::time(1'768'471'200'000 + number * 60'000),
                                JsonValue::time(1'768'471'260'000 + number * 60'000),
                                JsonValue::string("CUST_00042"),
                                JsonValue::integer(123 + number),
                                JsonValue::integer(456 + number),
                                JsonValue::decimal(1'234'567 + number, 2)};
    out.clear();
    row.write(values, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(six_field_row);

}  // namespace
}  // namespace weir::perf
