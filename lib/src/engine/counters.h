// What a task counts. Plain numbers: one thread owns a task; whoever wants them from outside reads
// what the worker publishes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace weir::engine {

struct Counters {
  std::uint64_t records_in = 0;   // From source topics.
  std::uint64_t records_out = 0;  // To sinks.
  std::uint64_t dead_letters = 0;
  std::map<std::string, std::uint64_t> discarded;  // By reason.
  std::map<std::string, std::uint64_t> dead_by_reason;

  void add(const Counters& other) {
    records_in += other.records_in;
    records_out += other.records_out;
    dead_letters += other.dead_letters;
    for (const auto& [reason, records] : other.discarded) discarded[reason] += records;
    for (const auto& [reason, records] : other.dead_by_reason) dead_by_reason[reason] += records;
  }
};

}  // namespace weir::engine
