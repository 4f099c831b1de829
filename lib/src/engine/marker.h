// Markers: how stream time crosses a repartition topic.
//
// A task that writes a repartition topic puts a marker into every partition of it, with each
// commit and in the same transaction, behind the records of that commit. A reader has received
// everything that the upstream task read before its time reached the marker's. The reader's time
// is the smallest over all upstream tasks.
//
// Its bytes are told in weir/detail/layout.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir::engine {

struct Marker {
  int upstream = 0;  // Partition of the task that wrote it.
  int tasks = 1;     // How many tasks write the topic.
  Timestamp reached = kNoTime;
  bool empty = false;
  bool caught_up = false;

  bool operator==(const Marker&) const = default;
};

void append_marker(std::string& out, const Marker& marker);
// False when `value` is no marker or a damaged one.
bool read_marker(std::string_view value, Marker& marker);
bool is_marker(std::string_view value);

}  // namespace weir::engine
