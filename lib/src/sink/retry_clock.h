// When a sink may call its server again, and when it gives up.
#pragma once

#include <chrono>
#include <string>

#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir::sink {

class RetryClock {
 public:
  explicit RetryClock(const SinkRetry& retry) : retry_(retry), pause_(retry.pause_first) {}

  // Not yet: the last failure is too young.
  bool resting() const { return failing_ && Clock::now() < next_; }
  // What to answer while resting, and after a failure.
  SinkAnswer waiting() const { return answer(SinkAnswer::What::again, why_); }
  SinkAnswer failed(std::string why);
  void succeeded();

  static SinkAnswer answer(SinkAnswer::What what, std::string why) {
    return {.what = what, .why = std::move(why), .refused = {}};
  }

 private:
  using Clock = std::chrono::steady_clock;

  const SinkRetry retry_;
  Duration pause_;
  bool failing_ = false;
  Clock::time_point first_{};
  Clock::time_point next_{};
  std::string why_;
};

}  // namespace weir::sink
