#include "kafka/outcome.h"

namespace weir::kafka {

const char* to_string(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kRetriable:
      return "retriable";
    case Fault::kAbort:
      return "abort";
    case Fault::kStale:
      return "stale";
    case Fault::kFenced:
      return "fenced";
    case Fault::kFatal:
      return "fatal";
    case Fault::kTooLarge:
      return "too large";
    case Fault::kBadTimestamp:
      return "bad timestamp";
    case Fault::kMissing:
      return "missing";
    case Fault::kExists:
      return "exists";
    case Fault::kDenied:
      return "denied";
  }
  return "unknown";
}

}  // namespace weir::kafka
