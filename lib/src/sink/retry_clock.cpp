#include "sink/retry_clock.h"

#include <algorithm>

namespace weir::sink {

SinkAnswer RetryClock::failed(std::string why) {
  const Clock::time_point now = Clock::now();
  const bool anew = answered_ && now - *answered_ >= lasting_;
  answered_.reset();
  if (!failing_ || anew) {
    failing_ = true;
    first_ = now;
    pause_ = retry_.pause_first;
  }
  why_ = std::move(why);
  if (now - first_ >= retry_.give_up_after) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - first_).count();
    return answer(SinkAnswer::What::never,
                  why_ + "; given up after " + std::to_string(seconds) + " s");
  }
  next_ = now + pause_;
  pause_ = std::min(pause_ * 2, retry_.pause_last);
  return waiting();
}

void RetryClock::succeeded() {
  failing_ = false;
  answered_.reset();
}

void RetryClock::answered() {
  next_ = Clock::now();
  if (!answered_) answered_ = next_;
}

}  // namespace weir::sink
