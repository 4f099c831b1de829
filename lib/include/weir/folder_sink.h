// Results as files in a folder, for what reads files: lines of JSON or CSV, compressed or not.
//
//   config.sinks["clicks"] = *folder_sink({.path = "/srv/clicks",
//                                          .compress = FolderCompress::zstd,
//                                          .by = FolderBy::hour,
//                                          .roll_bytes = 256 << 20});
//
//   /srv/clicks/date=2025-11-24/hour=10/part-0-1763981400250-0.jsonl.zst
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
};

// An Error when the folder cannot be written, or CSV has no columns. A file that is not finished
// has a name with a dot before and `.open` behind; finished, it gets its name in one step, with all
// that it will ever hold. What a commit covers is on the disk before it.
//
// At least once: results of a commit that fails, or that a crash cuts off, come a second time. A
// file ends with the commit that finds it large or old enough, so one that is due stays open while
// there are no results. Refused is, by CSV, what is no JSON object.
Result<OpenSink> folder_sink(FolderOptions options);

}  // namespace weir
