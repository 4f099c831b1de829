// Dead letters: records that could not be processed, as they were, with the reason beside them.
#pragma once

#include <string_view>

#include <weir/stage.h>

namespace weir::engine {

class TaskOutput;

struct DeadLetter {
  std::string_view job;
  std::string_view step;
  std::string_view reason;
  std::string_view text;
};

// Sends key, value, headers and timestamp of `record` as they came, and after its own headers
// `__streams.errors.exception`, `.message`, `.topic`, `.partition`, `.offset` (the names that Kafka
// Streams' tools read) and `weir.job`, `weir.step`, `weir.reason`, `weir.version`.
void send_dead_letter(const DeadLetter& letter, const InputRecord& record, int topic,
                      TaskOutput& output);

}  // namespace weir::engine
