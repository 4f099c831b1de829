#include "state/directory.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
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
  if (!owner.starts_with(kOwnerFirstLine)) return "";
  const std::size_t from = kOwnerFirstLine.size();
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
  claimed.was_ours_ = read_start(file).starts_with(kOwnerFirstLine);
  if (Status written = claimed.write_owner(); !written) return written.error();
  return claimed;
}

// In place and never shorter meanwhile: a full disk must not take the first line away.
Status Directory::write_owner() {
  const std::string owner = std::string(kOwnerFirstLine) + std::to_string(getpid()) + "\n";
  const auto size = static_cast<ssize_t>(owner.size());
  if (pwrite(file_, owner.data(), owner.size(), 0) != size || ftruncate(file_, size) != 0) {
    return system_error("write", path_ / kOwnerFile);
  }
  return {};
}

Directory::Directory(Directory&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      was_ours_(other.was_ours_) {}

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

bool is_claimed_here(const std::filesystem::path& path) {
  const int file = ::open((path / kOwnerFile).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock = whole_file(F_WRLCK);
  const bool claimed = fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  const std::string pid = owner_pid(read_start(file));
  ::close(file);
  return claimed && pid == std::to_string(getpid());
}

namespace {

// The head of an LMDB file: two pages that take turns, each with where everything is.
struct MetaPage {
  static constexpr std::size_t kBytes = 152;
  static constexpr std::uint32_t kMagic = 0xbeefc0de;
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::uint16_t kIsMeta = 0x08;
  static constexpr std::uint64_t kNoPage = ~std::uint64_t{0};

  std::array<char, kBytes> bytes{};

  template <class T>
  T at(std::size_t place) const {
    T value{};
    std::memcpy(&value, bytes.data() + place, sizeof(T));
    return value;
  }
  bool is_meta() const {
    return (at<std::uint16_t>(10) & kIsMeta) != 0 && at<std::uint32_t>(16) == kMagic;
  }
  std::uint32_t version() const { return at<std::uint32_t>(20); }
  std::uint32_t page_bytes() const { return at<std::uint32_t>(40); }
  std::uint64_t free_root() const { return at<std::uint64_t>(80); }
  std::uint64_t main_root() const { return at<std::uint64_t>(128); }
  std::uint64_t last_page() const { return at<std::uint64_t>(136); }
  std::uint64_t transaction() const { return at<std::uint64_t>(144); }
};

std::optional<std::string> damage_of(int file, std::uint64_t size) {
  std::array<MetaPage, 2> pages;
  if (pread(file, pages[0].bytes.data(), MetaPage::kBytes, 0) != MetaPage::kBytes) {
    return "its header is cut off";
  }
  if (!pages[0].is_meta()) return "it is not an LMDB file";
  if (pages[0].version() != MetaPage::kVersion) return "it is of another version of LMDB";
  const std::uint32_t page = pages[0].page_bytes();
  if (page < 512 || page > 65536 || (page & (page - 1)) != 0) return "its header is damaged";
  if (pread(file, pages[1].bytes.data(), MetaPage::kBytes, page) != MetaPage::kBytes) {
    return "its header is cut off";
  }
  if (!pages[1].is_meta() || pages[1].version() != MetaPage::kVersion ||
      pages[1].page_bytes() != page) {
    return "its header is damaged";
  }
  const MetaPage& newest = pages[pages[1].transaction() > pages[0].transaction() ? 1 : 0];
  const std::uint64_t last = newest.last_page();
  const auto is_root = [&](std::uint64_t root) {
    return root == MetaPage::kNoPage || (root >= 2 && root <= last);
  };
  if (!is_root(newest.free_root()) || !is_root(newest.main_root())) return "its header is damaged";
  if (last >= size / page) return "it is cut off";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> file_damage(const std::filesystem::path& directory) {
  const std::filesystem::path name = directory / kLmdbFiles[0];
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return std::nullopt;
    return std::string("it cannot be read: ") + std::strerror(errno);
  }
  struct stat now {};
  std::optional<std::string> damage;
  if (fstat(file, &now) != 0 || !S_ISREG(now.st_mode)) {
    damage = "it is not a file";
  } else {
    damage = damage_of(file, static_cast<std::uint64_t>(now.st_size));
  }
  ::close(file);
  return damage;
}

}  // namespace weir::state
