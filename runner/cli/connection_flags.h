// --brokers, -X and --config as a connection.
#pragma once

#include "cli/command.h"
#include "job/plan.h"
#include "run/connection.h"

namespace weir::cli {

// `kafka`: what the job says; default: nothing.
Result<run::Connection> connection_of(const Call& call, const job::KafkaSettings& kafka);

}  // namespace weir::cli
