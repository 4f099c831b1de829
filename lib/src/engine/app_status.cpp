#include <weir/app_status.h>

namespace weir {

int exit_code(AppFault fault) {
  switch (fault) {
    case AppFault::none:
      return 0;
    case AppFault::stopped_by_record:
      return 1;
    case AppFault::too_many_letters:
      return 65;
    case AppFault::unreachable:
      return 69;
    case AppFault::internal:
      return 70;
    case AppFault::cannot_create:
      return 73;
    case AppFault::state_io:
      return 74;
    case AppFault::try_again:
      return 75;
    case AppFault::not_allowed:
      return 77;
    case AppFault::mismatch:
      return 78;
  }
  return 70;
}

const char* to_string(AppFault fault) {
  switch (fault) {
    case AppFault::none:
      return "none";
    case AppFault::stopped_by_record:
      return "stopped by a record";
    case AppFault::too_many_letters:
      return "too many dead letters";
    case AppFault::unreachable:
      return "unreachable";
    case AppFault::internal:
      return "internal error";
    case AppFault::cannot_create:
      return "cannot create";
    case AppFault::state_io:
      return "state cannot be read or written";
    case AppFault::try_again:
      return "try again";
    case AppFault::not_allowed:
      return "not allowed";
    case AppFault::mismatch:
      return "does not fit";
  }
  return "unknown";
}

}  // namespace weir
