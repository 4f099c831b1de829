#include "state/directory.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "state/layout.h"

namespace weir::state {
namespace {

constexpr const char* kOwnerFile = "owner";
constexpr const char* kLmdbFiles[] = {"data.mdb", "lock.mdb"};

// Locks of open files, not of processes: those would let a process claim its own directory twice,
// and would be lost when any file of the same name is closed.
struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string read_start(int file) {
  std::array<char, 128> bytes{};
  const ssize_t size = pread(file, bytes.data(), bytes.size(), 0);
  return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

// The process that an owner file names, or "".
std::string owner_pid(const std::string& owner) {
  const std::size_t from = owner.find('\n') + 1;
  return owner.substr(from, owner.find('\n', from) - from);
}

Error system_error(const std::string& what, const std::filesystem::path& path) {
  return {"cannot " + what + " " + path.string() + ": " + std::strerror(errno)};
}

}  // namespace

Result<Directory> Directory::claim(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return Error{"cannot make " + path.string() + ": " + failed.message()};
  const std::filesystem::path name = path / kOwnerFile;
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return system_error("open", name);
  Directory claimed(path, file);
  struct flock lock = whole_file(F_WRLCK);
  if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return system_error("lock", name);
    return Error{
        "the state in " + path.string() + " is in use by process " + owner_pid(read_start(file)),
        "stop that process, or give this one another state directory"};
  }
  claimed.is_ours_ = read_start(file).starts_with(kOwnerFirstLine);
  const Bytes line = claimed.is_ours_ ? kOwnerFirstLine : kStrangerFirstLine;
  if (Status written = claimed.write_owner(line); !written) return written.error();
  return claimed;
}

Status Directory::adopt() {
  if (Status written = write_owner(kOwnerFirstLine); !written) return written;
  is_ours_ = true;
  return {};
}

// In place and never shorter meanwhile: a full disk must not take the first line away.
Status Directory::write_owner(Bytes first_line) {
  const std::string owner = std::string(first_line) + std::to_string(getpid()) + "\n";
  const auto size = static_cast<ssize_t>(owner.size());
  if (pwrite(file_, owner.data(), owner.size(), 0) != size || ftruncate(file_, size) != 0) {
    return system_error("write", path_ / kOwnerFile);
  }
  return {};
}

Directory::Directory(Directory&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      is_ours_(other.is_ours_) {}

Directory::~Directory() {
  if (file_ >= 0) ::close(file_);  // And with it the lock.
}

Status Directory::discard() {
  for (const char* name : kLmdbFiles) {
    std::error_code failed;
    std::filesystem::remove(path_ / name, failed);
    if (failed) return Error{"cannot delete " + (path_ / name).string() + ": " + failed.message()};
  }
  return {};
}

DirectoryLook look_at_directory(const std::filesystem::path& path) {
  const int file = ::open((path / kOwnerFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  struct flock lock = whole_file(F_RDLCK);
  const bool claimed = fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  const std::string owner = read_start(file);
  ::close(file);
  return {owner.starts_with(kOwnerFirstLine), claimed ? owner_pid(owner) : ""};
}

bool is_claimed_here(const std::filesystem::path& path) {
  return look_at_directory(path).owner_pid == std::to_string(getpid());
}

}  // namespace weir::state
