// What a sink is told about the fields of a job's results.
#pragma once

#include <vector>

#include "expression/schema.h"
#include <weir/sink_column.h>

namespace weir::run {

// In the order in which they are written; columns of joined records are in maps of their own.
std::vector<SinkColumn> sink_columns(const expression::Schema& schema);

}  // namespace weir::run
