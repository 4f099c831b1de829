// From a checked job and what the command line says to what an App needs.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "job/plan.h"
#include "run/connection.h"
#include "run/console_sink.h"
#include "run/running_job.h"
#include <weir/sink_column.h>

namespace weir::run {

struct SetupOptions {
  Connection connection{};
  std::optional<std::string> state_dir{};
  std::optional<std::string> from{};
  std::optional<int> threads{};
  bool until_end = false;
  bool drain = false;
  std::map<std::string, std::string> replaced_sinks{};  // Name to console, none or file:PATH.
  SinkLog sink_log{};
  ConsoleScreen screen{};         // Of the sinks that are a console.
  bool keep_wrong_sinks = false;  // For who looks at them by himself; they are none here.
};

// Why a job cannot be set up. `usage`: the command line is wrong, not the job.
struct SetupRefusal {
  bool usage = false;
  Error error{};
};

// Where state lives when nobody says so: /var/lib/weir where that can be written, else below the
// user's own state.
std::string default_state_dir();

// Which of the sinks `options` replace, by the topology's names.
std::set<std::string> replaced_sinks(const SetupOptions& options,
                                     const std::vector<compile::CompiledSink>& sinks);

std::optional<SetupRefusal> set_up(const job::JobPlan& plan, compile::CompiledJob compiled,
                                   const SetupOptions& options, JobSetup& into);

}  // namespace weir::run
