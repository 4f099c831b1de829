// Results as files in a folder, for what reads files: lines of JSON or CSV, compressed or not.
//
//   config.sinks["clicks"] = *folder_sink({.path = "/srv/clicks",
//                                          .compress = FolderCompress::zstd,
//                                          .by = FolderBy::hour,
//                                          .roll_bytes = 256 << 20});
//
//   /srv/clicks/date=2025-11-24/hour=10/part-0_3-1763981400250-1.jsonl.zst
//
// Files are named after what made their results: part of the job and partition, when it began, and
// which of its results, counted from 1, is their first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/error.h>
#include <weir/sink.h>
#include <weir/sink_column.h>
#include <weir/time.h>

namespace weir {

enum class FolderFormat { json, csv };
enum class FolderCompress { none, gzip, zstd };
// Which folders there are: date=2025-11-24, and hour=10 in it, by a result's own time in UTC; or
// NAME=KEY, by its key.
enum class FolderBy { nothing, date, hour, key };

struct FolderOptions {
  std::string path{};         // Made if it is missing.
  std::string name = "part";  // What files' names begin with.
  FolderFormat format = FolderFormat::json;
  FolderCompress compress = FolderCompress::none;
  FolderBy by = FolderBy::nothing;
  std::string key_name = "key";       // With FolderBy::key.
  std::uint64_t roll_bytes = 0;       // A file ends when it has so many, as they lie on disk,
  std::uint64_t roll_records = 0;     // or so many records,
  Duration roll_every{0};             // or is so old. 0: never.
  std::vector<SinkColumn> columns{};  // Of CSV: its columns, named in the first line of each file.
  SinkRetry retry{};                  // While the disk is full, or fails.
};

// An Error when the folder cannot be written, or CSV has no columns. A disk that is full or fails,
// and files that are too many to be open, are waited for as `retry` says. A file that is not
// finished has a name with a dot before and `.open` behind; finished, it gets its name in one step,
// with all that it will ever hold, and all of it committed. Each result is there once: what a
// commit that failed or a crash had left is cut off by who goes on with that partition in the same
// folder.
//
// When a partition went to a process with a folder of its own instead, a file that a killed process
// had open is finished by the next process in its folder after a minute: with its last results,
// of which nobody there knows whether they were committed.
//
// A file ends with the first commit, or the first second without one, that finds it large or old
// enough. Refused is, by CSV, what is no JSON object.
Result<OpenSink> folder_sink(FolderOptions options);

}  // namespace weir
