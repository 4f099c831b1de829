#include "engine/counters.h"

namespace weir::engine {

namespace {

template <class Map>
void add_numbers(Map& to, const Map& from) {
  for (const auto& [key, number] : from) to[key] += number;
}
template <class Map>
void add_values(Map& to, const Map& from) {
  for (const auto& [key, value] : from) to[key].add(value);
}

}  // namespace

void Counters::add(const Counters& other) {
  records_in += other.records_in;
  records_out += other.records_out;
  dead_letters += other.dead_letters;
  add_numbers(discarded, other.discarded);
  add_numbers(dead_by_reason, other.dead_by_reason);
  add_values(in, other.in);
  add_values(out, other.out);
  add_numbers(discarded_by_step, other.discarded_by_step);
  add_values(end_to_end, other.end_to_end);
  add_values(processing, other.processing);
  add_values(late_by, other.late_by);
}

}  // namespace weir::engine
