// A file that is being written, under a name that says so, until it is finished.
//
//   .part-0_3-1763981400250-1.jsonl.77.open          its bytes; locked by who writes them, owner 77
//   .part-0_3-1763981400250-1.jsonl.77.open.flushed  how many of them the last two flushes have
//                                                    made to last
//
//   flushed = line line     the older is overwritten by the next
//   line    = number " " bytes " " settled "\n"
//                           20 digits each: of the last result in these bytes, and of the last one
//                           known to be committed then
//
// A call that failed on a full disk may be made again, until it is done.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sink/file_status.h"

namespace weir::sink {

class OpenFile {
 public:
  static constexpr std::int64_t kAll = INT64_MAX;

  // What the name of one says, whoever writes it.
  struct Left {
    std::string folder{};
    std::string name{};  // Once it is finished.
    std::int64_t owner = 0;
    std::string path() const;
  };

  // `name` is the finished file's.
  static FileStatus create(const std::string& folder, const std::string& name, std::int64_t owner,
                           std::optional<OpenFile>& into);
  static std::optional<Left> read_name(const std::string& folder, std::string_view open_name);
  // What a process that died has left: finished with the results up to that number that were
  // flushed, or removed when there are none. Should that process live after all, it writes into
  // nothing.
  static FileStatus mend(const Left& left, std::int64_t number);
  // Whether what was flushed there was, in part at least, known to be committed.
  static FileStatus look_settled(const Left& left, bool& settled);
  // Whether a process writes it, or may do so.
  static bool is_owned(const Left& left);

  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) = delete;
  ~OpenFile();

  // All of the bytes, or none of them.
  FileStatus append(std::string_view bytes);
  // What was appended lasts; its last result is `number`. Where the disk has lost some of it, which
  // it tells only once, no other flush is done: it has to be finished with what was flushed before.
  FileStatus flush(std::int64_t number, std::int64_t settled);
  // It gets its name. REQUIRES: flushed.
  FileStatus finish();
  // The same, with the results up to that number that were flushed, or it is removed.
  FileStatus finish_at(std::int64_t number);

  std::uint64_t bytes() const { return bytes_; }
  std::chrono::steady_clock::time_point since() const { return since_; }

 private:
  struct Mark {
    std::int64_t number = 0;
    std::uint64_t bytes = 0;
    std::int64_t settled = 0;
  };
  using Marks = std::array<Mark, 2>;

  OpenFile(Left place, int file, int mark) : place_(std::move(place)), file_(file), mark_(mark) {}
  static FileStatus read_marks(const std::string& path, Marks& into);
  static std::uint64_t bytes_until(const Marks& marks, std::int64_t number);
  bool is_still_ours() const;
  FileStatus broken(const char* what) const { return FileStatus::failed(place_.path(), what); }

  Left place_;
  int file_ = -1;
  int mark_ = -1;
  std::uint64_t bytes_ = 0;
  FileStatus lost_{};  // Of the sync that has failed.
  Marks marks_{};
  std::size_t next_mark_ = 0;
  bool named_ = false;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace weir::sink
