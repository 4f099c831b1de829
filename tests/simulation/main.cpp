// Runs seeds, one after the other, and stops at the first that fails.
//
//   simulate --seeds 20000             seeds 1 to 20000
//   simulate --from 7000 --seeds 500   seeds 7000 to 7499
//   simulate --seed 7042               one seed, with its story
//   --keep-going                       does not stop; prints how many failed
//   --quiet                            does not tell the story of the seed that failed
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "simulation/run.h"

namespace weir::simulation {
namespace {

struct Asked {
  std::uint64_t from = 1;
  std::uint64_t seeds = 1000;
  bool story = false;
  bool keep_going = false;
  bool quiet = false;
};

bool read_arguments(int argc, char** argv, Asked& asked) {
  for (int at = 1; at < argc; ++at) {
    if (std::strcmp(argv[at], "--keep-going") == 0) {
      asked.keep_going = true;
      continue;
    }
    if (std::strcmp(argv[at], "--quiet") == 0) {
      asked.quiet = true;
      continue;
    }
    if (at + 1 == argc) return false;
    const std::uint64_t number = std::strtoull(argv[at + 1], nullptr, 10);
    if (std::strcmp(argv[at], "--from") == 0) {
      asked.from = number;
    } else if (std::strcmp(argv[at], "--seeds") == 0) {
      asked.seeds = number;
    } else if (std::strcmp(argv[at], "--seed") == 0) {
      asked.from = number;
      asked.seeds = 1;
      asked.story = true;
    } else {
      return false;
    }
    ++at;
  }
  return true;
}

void print_line(Timestamp now, const std::string& what) {
  std::printf("%7lld ms  %s\n", static_cast<long long>(now), what.c_str());
}

volatile std::uint64_t running = 0;

// A check() of the engine that fails ends the process: say where, so that it can be replayed.
void on_abort(int) {
  std::printf("seed %llu aborts\n", static_cast<unsigned long long>(running));
  std::fflush(stdout);
}

int simulate(const Asked& asked) {
  std::signal(SIGABRT, on_abort);
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t failed = 0;
  for (std::uint64_t seed = asked.from; seed < asked.from + asked.seeds; ++seed) {
    running = seed;
    if (asked.story) std::printf("%s", describe(seed).c_str());
    const std::string wrong = asked.story ? run(seed, print_line) : run(seed);
    if (wrong.empty()) continue;
    ++failed;
    std::printf("seed %llu fails:\n%s", static_cast<unsigned long long>(seed), wrong.c_str());
    if (!asked.story && !asked.keep_going && !asked.quiet) {
      std::printf("%sIts story:\n", describe(seed).c_str());
      run(seed, print_line);
    }
    std::fflush(stdout);
    if (!asked.keep_going) return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%llu seeds from %llu, %llu failed, %.1f s, %.0f seeds/s\n",
              static_cast<unsigned long long>(asked.seeds),
              static_cast<unsigned long long>(asked.from), static_cast<unsigned long long>(failed),
              took.count(), static_cast<double>(asked.seeds) / took.count());
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace weir::simulation

int main(int argc, char** argv) {
  weir::simulation::Asked asked;
  if (!weir::simulation::read_arguments(argc, argv, asked)) {
    std::printf("simulate [--from N] [--seeds N] [--seed N] [--keep-going] [--quiet]\n");
    return 64;
  }
  return weir::simulation::simulate(asked);
}
