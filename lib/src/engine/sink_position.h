// How many results a task has given to sinks, kept beside its committed offsets: behind the text of
// the input's clock, " #" since " " number " " owner " " start, decimal. Without it, nothing was
// ever given.
#pragma once

#include <cstdint>
#include <string>

#include <weir/time.h>

namespace weir::engine {

struct SinkPosition {
  Timestamp since = 0;      // When it began to count; 0: it has not.
  std::int64_t number = 0;  // Of its last result.
  std::int64_t owner = 0;   // Who committed that, see SinkStart,
  std::int64_t start = 0;   // and the number that he had begun behind.
};

// Nothing is appended while there is nothing to tell.
void append_sink_position(std::string& state, const SinkPosition& position);
// Cuts it off again. Text that is not ours stays as it is.
SinkPosition take_sink_position(std::string& state);

}  // namespace weir::engine
