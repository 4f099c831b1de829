// What a piece of work takes: time that passes, and CPU of this process.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace weir::tests {

struct Cost {
  double wall_s = 0;
  double cpu_s = 0;
  void add(const Cost& other) {
    wall_s += other.wall_s;
    cpu_s += other.cpu_s;
  }
};

inline double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

template <class Work>
Cost cost_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          cpu_seconds() - cpu};
}

// A line for people.
inline void print_costs(const char* what, double count, const Cost& bare, const Cost& ours) {
  std::printf(
      "%s: bare %.0f/s %.2f us of CPU each, sink %.0f/s %.2f us: %.2f of the rate, "
      "%.2f x CPU\n",
      what, count / bare.wall_s, bare.cpu_s / count * 1e6, count / ours.wall_s,
      ours.cpu_s / count * 1e6, bare.wall_s / ours.wall_s, ours.cpu_s / bare.cpu_s);
}

// WEIR_DOCUMENTS of the environment: a measurement on a quiet machine, that has to hold what is
// promised. Without it a test of a few, that may run beside others: the printed numbers are what to
// look at.
inline int documents_to_write() {
  const char* setting = std::getenv("WEIR_DOCUMENTS");
  return setting != nullptr ? std::atoi(setting) : 3000;
}

inline void expect_nearly_as_good(const Cost& bare, const Cost& ours) {
  if (std::getenv("WEIR_DOCUMENTS") == nullptr) {
    EXPECT_LT(ours.wall_s, bare.wall_s * 2);
    return;
  }
  EXPECT_GE(bare.wall_s / ours.wall_s, 0.8);
  EXPECT_LE(ours.cpu_s / bare.cpu_s, 1.3);
}

}  // namespace weir::tests
