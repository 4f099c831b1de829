// What became of a request to Kafka: errors are values, sorted by what the caller has to do next.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace weir::kafka {

// Sorted by the answer, not by the cause: the caller switches on it and needs no error codes.
enum class Fault : std::uint8_t {
  kNone,
  kRetriable,     // Nothing is broken: make the same call again, after a pause or a poll.
  kAbort,         // The transaction is lost: abort it, rewind, go on with the same producer.
  kStale,         // Not a member of the group's present generation: abort if in a transaction, drop
                  // the tasks, wait for the next assignment.
  kFenced,        // Another client works under the same id: throw this client away.
  kFatal,         // The client is broken: throw it away, make another.
  kTooLarge,      // The record is larger than client or broker take. Nothing was written.
  kBadTimestamp,  // The broker refuses the record's timestamp.
  kMissing,       // No such topic, partition or group.
  kExists,        // There already.
  kDenied,        // Configuration or rights: no retry mends it.
};

// "retriable", "fenced", ...
const char* to_string(Fault fault);

// Success, or a fault and what the broker or the client said about it.
struct [[nodiscard]] Outcome {
  Fault fault = Fault::kNone;
  std::string text{};

  bool ok() const { return fault == Fault::kNone; }
};

// A value, or the Outcome that explains its absence. REQUIRES: ok() before `value` is used.
template <class T>
struct [[nodiscard]] Reply {
  Reply(T with) : value(std::move(with)) {}
  Reply(Outcome why) : outcome(std::move(why)) {}

  bool ok() const { return outcome.ok(); }

  Outcome outcome{};
  T value{};
};

}  // namespace weir::kafka
