// When a sink may call its server again, and when it gives up.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir::sink {

class RetryClock {
 public:
  // A server that is there for `lasting` without a failure has begun anew.
  explicit RetryClock(const SinkRetry& retry, Duration lasting = Duration(60'000))
      : retry_(retry), lasting_(lasting), pause_(retry.pause_first) {}

  // Not yet: the last failure is too young.
  bool resting() const { return failing_ && Clock::now() < next_; }
  // What to answer while resting, and after a failure.
  SinkAnswer waiting() const { return answer(SinkAnswer::What::again, why_); }
  SinkAnswer failed(std::string why);
  void succeeded();
  // The server is there; whether it does what it did not do, the next call shows. Who only answers
  // is given up all the same.
  void answered();

  static SinkAnswer answer(SinkAnswer::What what, std::string why) {
    return {.what = what, .why = std::move(why), .refused = {}};
  }

 private:
  using Clock = std::chrono::steady_clock;

  const SinkRetry retry_;
  const Duration lasting_;
  Duration pause_;
  bool failing_ = false;
  Clock::time_point first_{};
  Clock::time_point next_{};
  std::optional<Clock::time_point> answered_{};  // Since the last failure.
  std::string why_;
};

}  // namespace weir::sink
