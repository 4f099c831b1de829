// What `weir` answers to its caller, as sysexits.h has it.
#pragma once

namespace weir::cli {

enum ExitCode : int {
  kGood = 0,
  kFailed = 1,        // A test failed, or the job stopped with an error.
  kUsage = 64,        // The command line itself.
  kUnreachable = 69,  // No broker answers.
  kInternal = 70,
  kCannotCreate = 73,  // A file or a topic.
  kStateIo = 74,
  kTryAgain = 75,
  kNotAllowed = 77,
  kBadJob = 78,  // A job file that is missing or wrong.
  kInterrupted = 130,
};

}  // namespace weir::cli
