// A random job with its input and what must come out of it: everything follows from one seed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/log.h"
#include "sim/random.h"
#include "simulation/models.h"
#include <weir/topology.h>

namespace weir::simulation {

// How the last windows of a run come to close.
enum class Ending {
  last_records,  // One record far ahead in every partition.
  idle,          // Nothing comes any more, and time follows the clock.
  drain,         // The end of input is the end of time.
};

struct Input {
  std::string topic;
  int partition = 0;
  sim::SimRecord record;
};

// What one topic must hold in the end: of each key "value@time", once each.
struct Output {
  std::string topic;
  bool in_order = false;  // Of each key; else any order will do.
  std::map<std::string, std::vector<std::string>> lines;
};

struct Plan {
  std::optional<Topology> topology;
  std::string text;  // In words, for people.
  Ending ending = Ending::last_records;
  std::map<std::string, int> sources;  // Partitions of each source topic.
  std::vector<Input> first;            // Before the start: a partition without records is no input.
  std::vector<Input> rest;
  std::vector<Input> last;
  std::vector<Output> outputs;
  Discards dead;  // Dead letters by reason.
};

inline const std::string kDeadLetters = "dead";

Plan make_plan(std::uint64_t seed);

// As the lines of an Output, edges left out.
std::string line(std::int64_t value, Timestamp time);
Output output_of(const std::string& topic, const Items& items, bool in_order);

}  // namespace weir::simulation
