// A file that is being written, under a name that says so, until it is finished.
//
//   .part-0-1763981400250-0.jsonl.open          its bytes
//   .part-0-1763981400250-0.jsonl.open.flushed  how many of them a flush has made to last, in
//   digits
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/error.h>

namespace weir::sink {

class OpenFile {
 public:
  // `name` is the finished file's.
  static Result<OpenFile> create(const std::string& folder, const std::string& name);
  // What a process that died has left: finished with what was flushed, or removed when that is
  // nothing.
  static Status mend(const std::string& folder, const std::string& name);
  // The finished name of a file that is open, or "".
  static std::string finished_name(std::string_view open_name);

  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) = delete;
  ~OpenFile();

  Status append(std::string_view bytes);
  // What was appended lasts.
  Status flush();
  // It gets its name. REQUIRES: flushed.
  Status finish();

  std::uint64_t bytes() const { return bytes_; }
  std::chrono::steady_clock::time_point since() const { return since_; }

 private:
  OpenFile(std::string folder, std::string name, int file, int mark)
      : folder_(std::move(folder)), name_(std::move(name)), file_(file), mark_(mark) {}
  std::string open_path() const { return folder_ + "/." + name_ + ".open"; }
  Error broken(const char* what) const;

  std::string folder_;
  std::string name_;
  int file_ = -1;
  int mark_ = -1;
  std::uint64_t bytes_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace weir::sink
