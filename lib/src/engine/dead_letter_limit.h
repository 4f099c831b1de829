// Whether a job writes more dead letters than it may.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <weir/app.h>
#include <weir/time.h>

namespace weir::engine {

class DeadLetterJudge {
 public:
  explicit DeadLetterJudge(const DeadLetterLimit& limit) : limit_(limit) {}

  // Takes what the job has counted by `now`; both grow. Why it has to end, or nothing.
  std::optional<std::string> judge(Timestamp now, std::uint64_t in, std::uint64_t dead);

 private:
  struct Look {
    Timestamp at = 0;
    std::uint64_t in = 0;
    std::uint64_t dead = 0;
  };
  const DeadLetterLimit limit_;
  std::deque<Look> looks_;  // The first is the last one that is `over` old, or that of the start.
  Look begin_{};
};

}  // namespace weir::engine
