#include "sink/file_status.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace weir::sink {

namespace {

constexpr std::array kLasting{EACCES,       EPERM,  EROFS, ENOTDIR, EISDIR,
                              ENAMETOOLONG, EINVAL, ELOOP, EBADF};

}  // namespace

FileStatus FileStatus::failed(const std::string& path, const char* what) {
  const int error = errno;
  return {error, path + ": cannot " + what + ": " + std::strerror(error)};
}

bool FileStatus::lasts() const { return std::ranges::find(kLasting, error) != kLasting.end(); }

FileStatus write_at(int file, std::string_view bytes, off_t at, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(file, bytes.data(), bytes.size(), at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileStatus::failed(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
    at += count;
  }
  return {};
}

FileStatus sync_bytes(int file, const std::string& path) {
  if (fdatasync(file) == 0 || errno == EINVAL || errno == EROFS) return {};
  return FileStatus::failed(path, "sync");
}

FileStatus try_to_write(const std::string& path, std::size_t bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return FileStatus::failed(path, "create");
  FileStatus status = write_at(file, std::string(bytes, '\n'), 0, path);
  if (status) status = sync_bytes(file, path);
  close(file);
  unlink(path.c_str());
  return status;
}

}  // namespace weir::sink
