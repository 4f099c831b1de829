#include "sink/open_file.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace weir::sink {

namespace {

constexpr std::string_view kOpen = ".open";
constexpr std::string_view kMark = ".flushed";

Error failed(const std::string& path, const char* what) {
  return Error{path + ": cannot " + what + ": " + std::strerror(errno)};
}

Status write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

// A new name lasts when its folder is on the disk.
Status sync_folder(const std::string& folder) {
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = file >= 0 && (fsync(file) == 0 || errno == EINVAL);
  const Status status = good ? Status() : Status(failed(folder, "sync"));
  if (file >= 0) ::close(file);
  return status;
}

std::uint64_t read_mark(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char digits[32];
  const ssize_t size = ::read(file, digits, sizeof digits);
  ::close(file);
  std::uint64_t bytes = 0;
  if (size > 0) std::from_chars(digits, digits + size, bytes);
  return bytes;
}

}  // namespace

Error OpenFile::broken(const char* what) const { return failed(open_path(), what); }

Result<OpenFile> OpenFile::create(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/." + name + std::string(kOpen);
  constexpr int kHow = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int file = open(path.c_str(), kHow, 0644);
  if (file < 0) return failed(path, "create");
  const int mark = open((path + std::string(kMark)).c_str(), kHow, 0644);
  OpenFile made(folder, name, file, mark);
  if (mark < 0) return made.broken("create its mark");
  if (Status s = sync_folder(folder); !s) return s.error();
  return made;
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      file_(std::exchange(other.file_, -1)),
      mark_(std::exchange(other.mark_, -1)),
      bytes_(other.bytes_),
      since_(other.since_) {}

OpenFile::~OpenFile() {
  if (file_ >= 0) ::close(file_);
  if (mark_ >= 0) ::close(mark_);
}

std::string OpenFile::finished_name(std::string_view open_name) {
  if (!open_name.starts_with('.') || !open_name.ends_with(kOpen)) return "";
  return std::string(open_name.substr(1, open_name.size() - 1 - kOpen.size()));
}

Status OpenFile::append(std::string_view bytes) {
  if (Status s = write_all(file_, bytes, open_path()); !s) return s;
  bytes_ += bytes.size();
  return {};
}

Status OpenFile::flush() {
  if (fdatasync(file_) != 0 && errno != EINVAL) return broken("sync");
  char digits[32];
  std::memset(digits, ' ', sizeof digits);
  std::to_chars(digits, digits + sizeof digits, bytes_);
  if (pwrite(mark_, digits, sizeof digits, 0) != sizeof digits || fdatasync(mark_) != 0) {
    return broken("write its mark");
  }
  return {};
}

Status OpenFile::finish() {
  const std::string path = open_path();
  if (std::rename(path.c_str(), (folder_ + "/" + name_).c_str()) != 0) return broken("rename");
  unlink((path + std::string(kMark)).c_str());
  return sync_folder(folder_);
}

Status OpenFile::mend(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/." + name + std::string(kOpen);
  const std::string mark = path + std::string(kMark);
  const std::uint64_t bytes = read_mark(mark);
  const bool nothing = bytes == 0;
  if (nothing && unlink(path.c_str()) != 0) return failed(path, "remove");
  if (!nothing && truncate(path.c_str(), static_cast<off_t>(bytes)) != 0) {
    return failed(path, "cut");
  }
  if (!nothing && std::rename(path.c_str(), (folder + "/" + name).c_str()) != 0) {
    return failed(path, "rename");
  }
  unlink(mark.c_str());
  return sync_folder(folder);
}

}  // namespace weir::sink
