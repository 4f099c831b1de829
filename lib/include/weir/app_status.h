// How the running of a job ended, or why it could not begin: an error with a kind that says what a
// supervisor should make of it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <weir/error.h>

namespace weir {

// Sorted by the answer. Each has an exit code of sysexits.h, see exit_code().
enum class AppFault {
  none,
  stopped_by_record,  // 1: a record that the job's error policy does not go on without.
  too_many_letters,   // 65: more dead letters than the job allows.
  unreachable,        // 69: no broker answers.
  internal,           // 70: nothing that the job or its surroundings did explains it.
  cannot_create,      // 73: the cluster refuses to make a topic.
  state_io,           // 74: the state directory is not writable, full, or in use.
  try_again,          // 75: other members of the group are in the way.
  not_allowed,        // 77: the brokers refuse the login or a right.
  mismatch,           // 78: topology, topics and state do not fit together, or a bad setting.
};

int exit_code(AppFault fault);
const char* to_string(AppFault fault);

// Success, or a fault and an Error that a tired person understands.
//
//   if (AppStatus started = app.start(); !started) return report(started.error()), started.code();
class [[nodiscard]] AppStatus {
 public:
  AppStatus() = default;
  AppStatus(AppFault fault, Error error) : fault_(fault), error_(std::move(error)) {}

  explicit operator bool() const { return fault_ == AppFault::none; }
  AppFault fault() const { return fault_; }
  const Error& error() const { return error_; }
  int code() const { return exit_code(fault_); }

 private:
  AppFault fault_ = AppFault::none;
  Error error_{};
};

}  // namespace weir
