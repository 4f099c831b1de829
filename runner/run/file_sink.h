// Results as lines of JSON in a file.
#pragma once

#include <string>

#include <weir/sink.h>

namespace weir::run {

// Appends the values, a line each; all worker threads to the same file. What a commit covers is on
// the disk before it.
OpenSink file_sink(std::string path);

// Results that nobody wants.
OpenSink no_sink();

}  // namespace weir::run
