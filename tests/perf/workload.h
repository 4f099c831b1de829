// A deterministic piece of work whose instructions and allocations are counted exactly, so that a
// regression of a few per cent is seen on any machine and under any load.
//
//   // tests/perf/instructions/json_order.cpp
//   class JsonOrder final : public Workload {
//    public:
//     void run() override { ... }      // What is counted: some thousand records.
//   };
//   const bool kAdded = add_workload<JsonOrder>("json_order", 1000);
//
// The constructor prepares; run() is called once to warm up and once counted, and must do the same
// work both times. instructions.txt holds what each workload may cost.
#pragma once

#include <cstdint>
#include <memory>

namespace weir::perf {

class Workload {
 public:
  virtual ~Workload() = default;
  virtual void run() = 0;
};

using MakeWorkload = std::unique_ptr<Workload> (*)();

// Makes a workload known under `name`; `records` is what one run() processes.
bool add_workload(const char* name, std::uint64_t records, MakeWorkload make);

template <class W>
bool add_workload(const char* name, std::uint64_t records) {
  return add_workload(name, records,
                      []() -> std::unique_ptr<Workload> { return std::make_unique<W>(); });
}

// Keeps the compiler from dropping a result that nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace weir::perf
