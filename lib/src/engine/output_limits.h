// What the brokers take into a topic, known before they are asked: one record that they refuse
// aborts the transaction that it is in, now and at every retry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kafka/client.h"
#include <weir/stage.h>

namespace weir::engine {

struct OutputLimits {
  static constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

  std::int64_t ahead_ms_max = kAny;   // Of a record's time, ahead of the broker's clock.
  std::int64_t behind_ms_max = kAny;  // And behind it.
  std::size_t bytes_max = std::numeric_limits<std::size_t>::max();  // Of a batch of one record.

  // Null, or the reason of a dead letter: `timestamp`, `too_large`.
  const char* refusal(const OutputRecord& record, Timestamp now) const;
  // The nearest time that is taken.
  Timestamp nearest(Timestamp time, Timestamp now) const;
};

// A margin is left for clocks that differ and for what a batch adds to a record.
OutputLimits limits_of(const kafka::Configs& topic);

}  // namespace weir::engine
