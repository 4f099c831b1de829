// The program that ctest runs under callgrind: `instructions` lists the workloads, and
// `instructions NAME` runs one and prints "NAME RECORDS ALLOCATIONS". Callgrind counts between the
// entry and the exit of weir_counted().
#include "perf/workload.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string_view>

namespace {

constexpr int kWarmUpRuns = 20;

std::uint64_t allocations = 0;  // One thread only: callgrind runs one at a time as well.

struct Known {
  std::uint64_t records = 0;
  weir::perf::MakeWorkload make = nullptr;
};

std::map<std::string_view, Known>& known() {
  static std::map<std::string_view, Known> all;
  return all;
}

void* allocated(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocated(size); }
void* operator new[](std::size_t size) { return allocated(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" __attribute__((noinline)) void weir_counted(weir::perf::Workload& work) { work.run(); }

namespace weir::perf {

bool add_workload(const char* name, std::uint64_t records, MakeWorkload make) {
  return known().emplace(name, Known{records, make}).second;
}

}  // namespace weir::perf

int main(int argc, char** argv) {
  if (argc < 2) {
    for (const auto& [name, workload] : known()) std::printf("%.*s\n", int(name.size()), &name[0]);
    return 0;
  }
  const auto found = known().find(argv[1]);
  if (found == known().end()) return 1;
  const auto work = found->second.make();
  // Until windows have closed and given their memory to new ones.
  for (int run = 0; run < kWarmUpRuns; ++run) work->run();
  const std::uint64_t before = allocations;
  weir_counted(*work);
  std::printf("%s %llu %llu\n", argv[1], static_cast<unsigned long long>(found->second.records),
              static_cast<unsigned long long>(allocations - before));
  return 0;
}
