// What a task counts. Plain numbers: one thread owns a task; whoever wants them from outside reads
// what the worker publishes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <weir/app_snapshot.h>

namespace weir::engine {

struct Counters {
  std::uint64_t records_in = 0;   // From source topics.
  std::uint64_t records_out = 0;  // To sinks.
  std::uint64_t dead_letters = 0;
  std::map<std::string, std::uint64_t> discarded;  // By reason.
  std::map<std::string, std::uint64_t> dead_by_reason;
  // The same in more detail: by topic, and by step and reason.
  std::map<std::string, Flow> in;
  std::map<std::string, Flow> out;
  std::map<std::pair<std::string, std::string>, std::uint64_t> discarded_by_step;
  std::map<std::string, Histogram> end_to_end;  // By sink: event time to committed.
  std::map<std::string, Histogram> processing;  // By sink: read to committed.
  std::map<std::string, Histogram> late_by;     // By topic.

  void add(const Counters& other);
};

}  // namespace weir::engine
