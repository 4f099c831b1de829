// Calls to Kafka that are made again while nothing is broken.
#pragma once

#include <chrono>
#include <thread>
#include <utility>

#include "kafka/outcome.h"
#include <weir/time.h>

namespace weir::run {

inline const kafka::Outcome& outcome_of(const kafka::Outcome& outcome) { return outcome; }
template <class T>
const kafka::Outcome& outcome_of(const kafka::Reply<T>& reply) {
  return reply.outcome;
}

// The first answer of `call` that is not kRetriable, or the last one within `limit`.
template <class Call>
auto retried(Duration limit, Call call) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto answer = call();
    const bool again = outcome_of(answer).fault == kafka::Fault::kRetriable;
    if (!again || std::chrono::steady_clock::now() >= end) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace weir::run
