// What a piece of work takes: time that passes, and CPU of this process.
#pragma once

#include <chrono>
#include <cstdio>

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

}  // namespace weir::tests
