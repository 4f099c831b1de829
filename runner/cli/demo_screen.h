// What `weir demo` shows: the last pairs and unmatched records, and totals that add up.
#pragma once

#include <cstdint>
#include <string>

#include "cli/terminal.h"
#include "run/tap_sink.h"
#include <weir/app_snapshot.h>

namespace weir::cli {

class DemoScreen {
 public:
  run::Tap pairs{10};
  run::Tap unmatched{4};

  void begin(Terminal& terminal);
  void wait(Terminal& terminal, std::string_view state);
  // As often as one likes; draws twice a second, or a line every five seconds without a terminal.
  void show(Terminal& terminal, const AppSnapshot& now, std::int64_t passed_ms);
  void finishing(Terminal& terminal);
  // Records that have not come out as anything yet.
  std::uint64_t waiting(const AppSnapshot& now) const;
  // The totals. False when they do not add up.
  bool sum_up(Terminal& terminal, const AppSnapshot& now);

 private:
  std::string table(bool color) const;
  std::string totals(const AppSnapshot& now, std::int64_t passed_ms) const;

  int lines_ = 0;  // That are drawn and will be drawn over.
  std::int64_t shown_ms_ = -1'000'000;
  bool waiting_ = false;
};

}  // namespace weir::cli
