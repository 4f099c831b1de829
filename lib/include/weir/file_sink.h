// Results as lines of one file, which grows: for what reads along, or a pipe.
//
//   config.sinks["clicks"] = *file_sink({.path = "/tmp/clicks.jsonl"});
#pragma once

#include <string>

#include <weir/error.h>
#include <weir/sink.h>
#include <weir/sink_column.h>

namespace weir {

struct FileOptions {
  std::string path{};
  SinkRetry retry{};  // While the disk is full, or fails.
};

// Appends the values, a line each; all worker threads to the same file, also of other processes.
// What a commit covers is on the disk before it. A line is there whole or not at all, but after a
// crash, or a commit that failed, results are there twice: folder_sink() has each once. An Error
// when the file cannot be opened; a disk that is full or fails is waited for as `retry` says.
Result<OpenSink> file_sink(FileOptions options);

}  // namespace weir
