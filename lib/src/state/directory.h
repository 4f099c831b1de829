// The directory of a task's state: whose it is, and whether what lies there can be opened.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

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
  // Whether it was weir that put there what was found, going by the owner file.
  bool was_ours() const { return was_ours_; }
  // Deletes LMDB's files.
  Status discard();

 private:
  Directory(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
  Status write_owner();

  std::filesystem::path path_;
  int file_ = -1;
  bool was_ours_ = false;
};

// Whether another object of this very process has claimed `path`.
bool is_claimed_here(const std::filesystem::path& path);

// What is wrong with the LMDB file of `directory`, as far as its header and its size tell; nothing
// when it is sound or absent. LMDB maps what this passes: reading beyond the end of a truncated
// file, as a damaged header would make it do, is a SIGBUS and not an error. It keeps no checksums,
// so damage inside a page that the header does not show is not found here.
std::optional<std::string> file_damage(const std::filesystem::path& directory);

}  // namespace weir::state
