// What opening a sink tells, as a look at it.
#pragma once

#include <weir/sink.h>
#include <weir/sink_column.h>
#include <weir/sink_look.h>

namespace weir::sink {

// Opens a sink made with options whose log is `heard`, and closes it. What a server that does not
// answer is waited for with comes through the log.
SinkLook look_by_opening(const Result<OpenSink>& opening, const std::string& heard);

// The options' log from now on: warnings go to `heard`, the rest nowhere.
SinkLog hear_warnings(std::string& heard);

}  // namespace weir::sink
