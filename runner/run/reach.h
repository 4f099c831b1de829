// The brokers, once they have answered: for tools such as `weir produce`.
#pragma once

#include <memory>

#include "kafka/client.h"
#include "run/connection.h"

namespace weir::run {

// Waits for a first answer, at most so long. The outcome says who does not answer, or refuses, and
// why.
kafka::Reply<std::unique_ptr<kafka::Cluster>> reach(const Connection& connection,
                                                    Duration longest = Duration(25'000));

// The exit code that a fault of a tool ends with, and what it says of it.
int exit_code_of(const kafka::Outcome& outcome);
std::string words_of(const kafka::Outcome& outcome, const std::string& brokers);

}  // namespace weir::run
