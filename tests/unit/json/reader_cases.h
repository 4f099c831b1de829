// What every way of reading must do, whatever the processor offers. The programs match_*_test.cpp
// run all of it at their speed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/json_reader.h>

namespace weir::cases {

// True when this processor can do it; else a test skips itself.
inline bool can(JsonSpeed speed) { return speed <= fastest_json_speed(); }

void same_as_reference_on_every_mutation(JsonSpeed speed);
void same_as_reference_on_random_records(JsonSpeed speed);
void reads_nothing_past_the_end(JsonSpeed speed);
void knows_a_shape_when_it_comes_again(JsonSpeed speed);
void values_of_every_length(JsonSpeed speed);

}  // namespace weir::cases
