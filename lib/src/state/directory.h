// The directory of a task's state, and whose it is.
#pragma once

#include <filesystem>
#include <string>

#include <weir/bytes.h>
#include <weir/error.h>

namespace weir::state {

// A directory claimed by this object alone, among all processes, until it is destroyed or the
// process ends, however it ends.
class Directory {
 public:
  // Makes the directory when there is none. An Error names the process that has it.
  static Result<Directory> claim(const std::filesystem::path& path);
  ~Directory();
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Whether it is weir that put there what lies there, going by the owner file.
  bool is_ours() const { return is_ours_; }
  // From now on what lies there is ours, and may be discarded one day.
  Status adopt();
  // Deletes LMDB's files.
  Status discard();

 private:
  Directory(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  Status write_owner(Bytes first_line);

  std::filesystem::path path_;
  int file_ = -1;
  bool is_ours_ = false;
};

// Whether it is weir that put there what lies in `path`, and who has claimed it: "" for nobody.
// Nothing is claimed.
struct DirectoryLook {
  bool is_ours = false;
  std::string owner_pid{};
};
DirectoryLook look_at_directory(const std::filesystem::path& path);

// Whether another object of this very process has claimed `path`.
bool is_claimed_here(const std::filesystem::path& path);

}  // namespace weir::state
