// What the fields of results are, where a sink keeps more types than JSON has: an amount is exact,
// a text may be a time.
//
//   const std::vector<SinkColumn> columns{
//       {.name = "order_id", .type = SinkColumn::Type::text},
//       {.name = "amount", .type = SinkColumn::Type::decimal, .places = 2}};
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/time.h>

namespace weir {

struct SinkColumn {
  enum class Type { any, boolean, integer, real, decimal, text, time, date, list, map };

  std::string name{};
  Type type = Type::any;
  int places = 0;  // Of decimals.
  bool nullable = true;
  // Of a map: its fields. Of a list: one column without a name, for all elements. Empty: anything.
  std::vector<SinkColumn> inside{};
};

// How a sink that writes to a server bears with its absence.
struct SinkRetry {
  Duration give_up_after{300'000};  // Since the last success; then the job ends.
  Duration pause_first{100};        // Doubled after each failure up to
  Duration pause_last{10'000};
};

// What a sink has to say besides its answers: level as syslog's, and a line. From any thread, at
// any time; never with a password in it.
using SinkLog = std::function<void(int level, std::string_view line)>;

}  // namespace weir
