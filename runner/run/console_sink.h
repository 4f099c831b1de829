// Results as a table on stdout.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <weir/sink.h>

namespace weir::run {

struct ConsoleOptions {
  std::string title{};
  std::vector<std::string> columns{};  // Empty: those of the first record.
};

// One table, shared by all worker threads. A result that comes again, because the worker that wrote
// it was replaced before its commit, is not printed again.
OpenSink console_sink(ConsoleOptions options);

}  // namespace weir::run
