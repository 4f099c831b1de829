// What became of a call on a file: done, or the disk's reason.
//
//   wrong path, no permission, read-only       lasts: no retry mends it, the job ends
//   full disk or quota, an I/O error, too      passes: tried again, until that has lasted too long
//   many open files, and all that is in no
//   list
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace weir::sink {

struct [[nodiscard]] FileStatus {
  int error = 0;  // As errno has it.
  std::string why{};

  // Of the call that has just failed, by errno.
  static FileStatus failed(const std::string& path, const char* what);
  explicit operator bool() const { return error == 0; }
  bool lasts() const;
};

// All of it from that place on, whatever of it was there before; or an unknown part of it.
FileStatus write_at(int file, std::string_view bytes, off_t at, const std::string& path);
// What was written is on the disk. What has no disk, as a pipe, is content with less.
FileStatus sync_bytes(int file, const std::string& path);
// Whether there is room for so many bytes in a new file, which is gone then.
FileStatus try_to_write(const std::string& path, std::size_t bytes);

}  // namespace weir::sink
