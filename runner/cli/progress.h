// What `weir run` says while it works: for people a list with ticks and one line that renews
// itself, for logs plain lines.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "run/running_job.h"

namespace weir::cli {

using RunningJobs = std::vector<std::unique_ptr<run::RunningJob>>;

// "totals in=5 out=4 discarded.late=1 dlq.late=1", of all jobs together.
std::string totals_line(const RunningJobs& jobs);

class Progress {
 public:
  Progress(Terminal& terminal, bool lively) : terminal_(terminal), lively_(lively) {}

  void tick(std::string_view what, std::string_view text);  // A step of the start that is done.
  // Some times a second.
  void look(const RunningJobs& jobs);
  void ready(const RunningJobs& jobs, const std::string& url);
  void stopping();
  // What the jobs that are not ready yet are doing, in a line.
  static std::string awaited(const RunningJobs& jobs);

 private:
  using Clock = std::chrono::steady_clock;
  struct Rate {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    Clock::time_point at{};
  };

  std::string numbers(const RunningJobs& jobs, Timestamp now);
  std::string restoring(const RunningJobs& jobs);
  void say_words(const RunningJobs& jobs);

  Terminal& terminal_;
  bool lively_;
  bool ready_ = false;
  bool stopping_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point said_ = Clock::now();
  Rate before_{};
  Rate restored_{};
};

}  // namespace weir::cli
