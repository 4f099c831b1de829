#include "run/signals.h"

#include <signal.h>
#include <time.h>

namespace weir::run {

namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader of our output that goes away is an error of that write, not an end.
  signal(SIGPIPE, SIG_IGN);
}

StopSignals::~StopSignals() {
  const sigset_t set = stop_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<int> StopSignals::wait(Duration longest) {
  const sigset_t set = stop_set();
  timespec limit{};
  limit.tv_sec = longest.count() / 1000;
  limit.tv_nsec = longest.count() % 1000 * 1'000'000;
  const int got = sigtimedwait(&set, nullptr, &limit);
  if (got < 0) return std::nullopt;
  return got;
}

}  // namespace weir::run
