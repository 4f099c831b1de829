// Results as a table on stdout.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/sink.h>

namespace weir::run {

// Where the table appears. `print` is false when that failed; none: stdout.
struct ConsoleScreen {
  std::function<bool(std::string_view)> print{};
  std::size_t columns = 0;  // 0: of any width.
};

struct ConsoleOptions {
  std::string title{};
  std::vector<std::string> columns{};  // Empty: those of the first record.
  ConsoleScreen screen{};
};

// One table, shared by all worker threads. A result that comes again, because the worker that wrote
// it was replaced before its commit, is not printed again. Where the screen is too narrow for the
// table, a result is a paragraph with a line for each field.
OpenSink console_sink(ConsoleOptions options);

}  // namespace weir::run
