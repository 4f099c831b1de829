// SIGTERM and SIGINT as events that a loop waits for.
#pragma once

#include <optional>

#include <weir/time.h>

namespace weir::run {

// Made before any other thread, so that all of them leave these signals alone. Ends as it began.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The signal that came, within `longest`.
  std::optional<int> wait(Duration longest);
};

}  // namespace weir::run
