// What the clients of one simulated process share.
#pragma once

#include "kafka/outcome.h"
#include "sim/sim_cluster.h"

namespace weir::sim {

struct Link {
  SimCluster& cluster;
  bool cut = false;

  bool is_up() const { return !cut && !cluster.is_down(); }
  kafka::Outcome unreachable() const {
    return {kafka::Fault::kRetriable, "the brokers do not answer"};
  }
};

// Which of the faults that can meet any request met this one: before or after it was applied.
struct Ride {
  Call call;
  Mishap mishap;

  Ride(Faults& faults, Call of) : call(of), mishap(faults.next(of)) {}

  bool arrives() const { return mishap != Mishap::kLostRequest; }
  // Throws ProcessDied when nobody is there any more to hear the answer.
  bool returns() const {
    if (mishap == Mishap::kDeathAfter) throw ProcessDied{call};
    return mishap != Mishap::kLostAnswer;
  }
  kafka::Outcome lost() const { return {kafka::Fault::kRetriable, "timed out"}; }
};

}  // namespace weir::sim
