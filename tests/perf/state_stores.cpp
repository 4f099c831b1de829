// Stores: what a read, a change, a commit, a flush and a restore cost per row.
//
// 16-byte keys and 40-byte values, as an aggregate has. `keys` is how many there are; random access
// unless said. Peers: std::unordered_map<std::string, std::string> for what is in memory, plain
// LMDB with a transaction per 10,000 rows for what is flushed.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include "state/lmdb_environment.h"
#include "state/memory_disk.h"

namespace weir::state {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  return x ^ (x >> 27);
}

std::string key_of(std::uint64_t i) {
  std::string key;
  append_time(key, static_cast<Timestamp>(mix(i)));
  append_time(key, static_cast<Timestamp>(i));
  return key;
}

std::vector<std::string> keys_of(std::size_t count) {
  std::vector<std::string> keys(count);
  for (std::size_t i = 0; i < count; ++i) keys[i] = key_of(i);
  return keys;
}

// An environment on LMDB in a directory of its own.
class Bench {
 public:
  explicit Bench(Environment::Options options = {.flush_bytes_max = std::size_t{1} << 40}) {
    std::string name = (std::filesystem::temp_directory_path() / "weir-perf-XXXXXX").string();
    path_ = mkdtemp(name.data());
    environment_ = std::move(*open_lmdb(path_, std::move(options)));
  }
  ~Bench() {
    environment_.reset();
    std::filesystem::remove_all(path_);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Environment& operator*() { return *environment_; }
  Store& store() { return environment_->store("s"); }
  void commit() { environment_->commit({}); }
  void fill(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) store().put(key, std::string(40, 'v'));
    commit();
    environment_->flush();
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<Environment> environment_;
};

void per_row(benchmark::State& state, std::size_t rows) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}

void get_from_disk(benchmark::State& state) {
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  Bench bench;
  bench.fill(keys);
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(bench.store().get(keys[mix(++i) % keys.size()]));
  per_row(state, 1);
}
BENCHMARK(get_from_disk)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

void get_from_overlay(benchmark::State& state) {
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  MemoryFiles files;
  auto environment = open_memory(files, {.flush_bytes_max = std::size_t{1} << 40});
  Store& store = environment->store("s");
  for (const std::string& key : keys) store.put(key, std::string(40, 'v'));
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(store.get(keys[mix(++i) % keys.size()]));
  per_row(state, 1);
}
BENCHMARK(get_from_overlay)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

void get_from_unordered_map(benchmark::State& state) {
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  std::unordered_map<std::string, std::string> map;
  for (const std::string& key : keys) map[key] = std::string(40, 'v');
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(map.find(keys[mix(++i) % keys.size()]));
  per_row(state, 1);
}
BENCHMARK(get_from_unordered_map)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

// 10,000 changes of known keys, reported and committed: what a commit costs without its flush.
void put_report_commit(benchmark::State& state) {
  constexpr std::size_t kChanges = 10'000;
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  MemoryFiles files;
  auto environment = open_memory(files, {.flush_bytes_max = std::size_t{1} << 40});
  Store& store = environment->store("s");
  const std::string value(40, 'v');
  std::uint64_t i = 0;
  for (auto _ : state) {
    for (std::size_t n = 0; n < kChanges; ++n) store.put(keys[mix(++i) % keys.size()], value);
    std::size_t bytes = 0;
    store.each_dirty([&](Bytes key, std::optional<Bytes>) { bytes += key.size(); });
    benchmark::DoNotOptimize(bytes);
    environment->commit({});
  }
  per_row(state, kChanges);
}
BENCHMARK(put_report_commit)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

// A join's store: each record adds a row at about the end and scans the rows around it.
void put_and_scan_window(benchmark::State& state) {
  MemoryFiles files;
  auto environment = open_memory(files, {.flush_bytes_max = std::size_t{1} << 40});
  Store& store = environment->store("s");
  std::string key;
  std::string from;
  std::uint64_t i = 0;
  for (auto _ : state) {
    ++i;
    const auto time = static_cast<Timestamp>(i + mix(i) % 64);
    key.clear();
    append_time(key, time);
    append_time(key, static_cast<Timestamp>(i));
    store.put(key, "value");
    from.clear();
    append_time(from, time - 10);
    std::size_t seen = 0;
    store.scan(from, key, [&](Bytes, Bytes) { return ++seen < 100; });
    benchmark::DoNotOptimize(seen);
    if (i % 100'000 == 0) {
      environment->commit({});
      environment->wipe();
    }
  }
  per_row(state, 1);
}
BENCHMARK(put_and_scan_window);

// Changes of random keys among `keys`, flushed 100,000 at a time.
void flush_random(benchmark::State& state) {
  constexpr std::size_t kChanges = 100'000;
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  Bench bench;
  bench.fill(keys);
  std::uint64_t i = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t n = 0; n < kChanges; ++n) {
      bench.store().put(keys[mix(++i) % keys.size()], std::string(40, 'w'));
    }
    bench.commit();
    state.ResumeTiming();
    (*bench).flush();
  }
  per_row(state, kChanges);
}
BENCHMARK(flush_random)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// New windows only: every flush appends.
void flush_new_windows(benchmark::State& state) {
  constexpr std::size_t kChanges = 100'000;
  Bench bench;
  Timestamp time = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t n = 0; n < kChanges; ++n) {
      std::string key;
      append_time(key, ++time);
      append_time(key, static_cast<Timestamp>(mix(static_cast<std::uint64_t>(time))));
      bench.store().put(key, std::string(40, 'w'));
    }
    bench.commit();
    state.ResumeTiming();
    (*bench).flush();
  }
  per_row(state, kChanges);
}
BENCHMARK(flush_new_windows)->Unit(benchmark::kMillisecond);

// A changelog of two records per key in random order into an empty store, flush included.
void restore(benchmark::State& state) {
  const auto keys = keys_of(static_cast<std::size_t>(state.range(0)));
  const std::size_t records = keys.size() * 2;
  const std::string value(40, 'v');
  for (auto _ : state) {
    state.PauseTiming();
    auto bench = std::make_unique<Bench>();
    Store& store = bench->store();
    state.ResumeTiming();
    for (std::size_t i = 0; i < records; ++i) {
      store.restore(keys[mix(i) % keys.size()], value);
      if (i % 1000 == 999) (**bench).restored("s", {static_cast<std::int64_t>(i + 1), kNoTime});
    }
    (**bench).flush();
    state.PauseTiming();
    bench.reset();
    state.ResumeTiming();
  }
  per_row(state, records);
}
BENCHMARK(restore)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::state
