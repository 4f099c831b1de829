// The steps that random plans are made of: each adds an operator to the topology and puts what must
// come out of it beside the stream.
#pragma once

#include <string>

#include "sim/random.h"
#include "simulation/models.h"
#include "simulation/plan.h"
#include <weir/weir.h>

namespace weir::simulation {

using Flow = Stream<std::string, std::int64_t>;
using FlowTopic = Topic<std::string, std::int64_t>;

// A stream of the plan and the records that it carries.
struct Part {
  Flow flow;
  Items items;
  bool exact = false;    // Each task sees one source partition, in its order.
  bool ordered = false;  // The order of each key's records is known.
  // How far a record may be behind its partition. Sessions and per-event windows over several
  // partitions are one and the same for every order of arrival while that is within their grace.
  std::int64_t disorder = 0;
  bool ends = false;   // No operator may follow.
  bool keyed = false;  // The records of a key meet in one task as they are.
};

// What the steps of one plan have in common.
struct Making {
  sim::Random& random;
  Plan& plan;
  int steps = 0;

  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit)));
  }
  Duration ms(std::int64_t least, std::int64_t most) {
    return Duration{least + below(most - least + 1)};
  }
  std::string name() { return "op" + std::to_string(steps++); }
  void say(const std::string& words) { plan.text += words + "; "; }
};

// Without state: filter, map, flat map, another key.
Part stateless_step(Making& making, Part in);
// Windows of all kinds, keyed and global.
Part window_step(Making& making, Part in);
Part session_step(Making& making, Part in);
Part per_event_step(Making& making, Part in);
// Only where the order of arrival is known: deduplicate, match_once, windows on update, folds that
// notice the order.
Part exact_step(Making& making, Part in);
// A processor with a store.
Part processor_step(Making& making, Part in);
// Even values with odd ones, or two streams. REQUIRES: records of a key meet in one task, or both
// streams go through repartition topics.
Part self_join_step(Making& making, Part in);
Part join_step(Making& making, Part left, Part right);
// Orders and payments, one each for a key, and copies of them.
Part match_step(Making& making, Part left, Part right, const MatchOptions& options);

// The stream's end in a topic of its own.
void end_in_topic(Making& making, const Part& part);

}  // namespace weir::simulation
