// Results that nobody wants.
#pragma once

#include <weir/sink.h>

namespace weir::run {

OpenSink no_sink();

}  // namespace weir::run
