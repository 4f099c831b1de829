#include "sink/open_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::sink {

namespace {

constexpr std::string_view kOpen = ".open";
constexpr std::string_view kMark = ".flushed";
constexpr std::size_t kLineBytes = 63;

// A new name lasts when its folder is on the disk.
FileStatus sync_folder(const std::string& folder) {
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool good = file >= 0 && (fsync(file) == 0 || errno == EINVAL);
  FileStatus status = good ? FileStatus() : FileStatus::failed(folder, "sync");
  if (file >= 0) ::close(file);
  return status;
}

// The first bytes of a file, in another one that nobody else has open.
FileStatus copy_start(const std::string& from, const std::string& to, std::uint64_t bytes) {
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return FileStatus::failed(from, "read");
  const int out = open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  FileStatus status = out < 0 ? FileStatus::failed(to, "create") : FileStatus();
  std::string buffer(std::size_t{1} << 16, '\0');
  for (std::uint64_t at = 0; status && at < bytes;) {
    const ssize_t count = ::read(in, buffer.data(), std::min(bytes - at, buffer.size()));
    if (count <= 0) {
      status = FileStatus::failed(from, "read");
    } else {
      const std::string_view some(buffer.data(), static_cast<std::size_t>(count));
      status = write_at(out, some, static_cast<off_t>(at), to);
      at += some.size();
    }
  }
  if (status) status = sync_bytes(out, to);
  if (out >= 0) ::close(out);
  if (out >= 0 && !status) unlink(to.c_str());  // The disk may be full.
  ::close(in);
  return status;
}

// In doubt it is.
bool is_locked(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno != ENOENT;
  const bool locked = flock(file, LOCK_EX | LOCK_NB) != 0;
  ::close(file);
  return locked;
}

// The next number of a line, after blanks.
template <class Number>
bool take_number(std::string_view& line, Number& number) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc()) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return true;
}

}  // namespace

// A line that was not written whole counts as none; so does a file that was not made yet.
FileStatus OpenFile::read_marks(const std::string& path, Marks& into) {
  const std::string mark_path = path + std::string(kMark);
  const int file = open(mark_path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? FileStatus() : FileStatus::failed(mark_path, "read");
  char text[2 * kLineBytes];
  const ssize_t size = ::read(file, text, sizeof text);
  const FileStatus status = size < 0 ? FileStatus::failed(mark_path, "read") : FileStatus();
  ::close(file);
  std::string_view rest(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  for (Mark& mark : into) {
    std::string_view line = rest.substr(0, kLineBytes);
    rest.remove_prefix(line.size());
    Mark read;
    const bool whole = line.size() == kLineBytes && line.back() == '\n';
    if (whole && take_number(line, read.number) && take_number(line, read.bytes) &&
        take_number(line, read.settled)) {
      mark = read;
    }
  }
  return status;
}

std::uint64_t OpenFile::bytes_until(const Marks& marks, std::int64_t number) {
  std::uint64_t bytes = 0;
  for (const Mark& mark : marks) {
    if (mark.number <= number) bytes = std::max(bytes, mark.bytes);
  }
  return bytes;
}

std::string OpenFile::Left::path() const {
  return folder + "/." + name + "." + std::to_string(owner) + std::string(kOpen);
}

FileStatus OpenFile::create(const std::string& folder, const std::string& name, std::int64_t owner,
                            std::optional<OpenFile>& into) {
  Left place{folder, name, owner};
  const std::string path = place.path();
  constexpr int kHow = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int file = open(path.c_str(), kHow, 0644);
  if (file < 0) return FileStatus::failed(path, "create");
  flock(file, LOCK_EX | LOCK_NB);  // Where there are no locks, there is one process at a time.
  const int mark = open((path + std::string(kMark)).c_str(), kHow, 0644);
  OpenFile made(std::move(place), file, mark);
  if (mark < 0) return made.broken("create its mark");
  if (FileStatus s = sync_folder(folder); !s) return s;
  into.emplace(std::move(made));
  return {};
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : place_(std::move(other.place_)),
      file_(std::exchange(other.file_, -1)),
      mark_(std::exchange(other.mark_, -1)),
      bytes_(other.bytes_),
      lost_(std::move(other.lost_)),
      marks_(other.marks_),
      next_mark_(other.next_mark_),
      named_(other.named_),
      since_(other.since_) {}

OpenFile::~OpenFile() {
  if (file_ >= 0) ::close(file_);
  if (mark_ >= 0) ::close(mark_);
}

std::optional<OpenFile::Left> OpenFile::read_name(const std::string& folder,
                                                  std::string_view open_name) {
  if (!open_name.starts_with('.') || !open_name.ends_with(kOpen)) return {};
  open_name.remove_prefix(1);
  open_name.remove_suffix(kOpen.size());
  const std::size_t dot = open_name.rfind('.');
  if (dot == std::string_view::npos) return {};
  Left left{folder, std::string(open_name.substr(0, dot)), 0};
  const char* const end = open_name.data() + open_name.size();
  const auto [at, error] = std::from_chars(open_name.data() + dot + 1, end, left.owner);
  if (error != std::errc() || at != end) return {};
  return left;
}

FileStatus OpenFile::append(std::string_view bytes) {
  FileStatus status = write_at(file_, bytes, static_cast<off_t>(bytes_), place_.path());
  if (status) {
    bytes_ += bytes.size();
  } else if (ftruncate(file_, static_cast<off_t>(bytes_)) != 0) {
    lost_ = status;  // What it has behind its end would stay there.
  }
  return status;
}

FileStatus OpenFile::flush(std::int64_t number, std::int64_t settled) {
  if (lost_) lost_ = sync_bytes(file_, place_.path());
  if (!lost_) return lost_;
  char line[kLineBytes + 1];
  std::snprintf(line, sizeof line, "%20lld %20llu %20lld\n", static_cast<long long>(number),
                static_cast<unsigned long long>(bytes_), static_cast<long long>(settled));
  const auto at = static_cast<off_t>(next_mark_ * kLineBytes);
  const std::string mark = place_.path() + std::string(kMark);
  if (FileStatus s = write_at(mark_, {line, kLineBytes}, at, mark); !s) return s;
  if (FileStatus s = sync_bytes(mark_, mark); !s) return s;
  marks_[next_mark_] = {number, bytes_, settled};
  next_mark_ = 1 - next_mark_;
  return {};
}

// Another process may have finished it.
bool OpenFile::is_still_ours() const {
  struct stat here {};
  struct stat there {};
  return fstat(file_, &here) == 0 && stat(place_.path().c_str(), &there) == 0 &&
         here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

FileStatus OpenFile::finish() {
  if (!named_) {
    if (!is_still_ours()) return {};
    const std::string path = place_.path();
    if (std::rename(path.c_str(), (place_.folder + "/" + place_.name).c_str()) != 0) {
      return broken("rename");
    }
    named_ = true;
    unlink((path + std::string(kMark)).c_str());
  }
  return sync_folder(place_.folder);
}

FileStatus OpenFile::finish_at(std::int64_t number) {
  const std::uint64_t bytes = bytes_until(marks_, number);
  if (ftruncate(file_, static_cast<off_t>(bytes)) != 0) return broken("cut");
  if (bytes > 0 || !is_still_ours()) return finish();
  unlink(place_.path().c_str());
  unlink((place_.path() + std::string(kMark)).c_str());
  return {};
}

FileStatus OpenFile::mend(const Left& left, std::int64_t number) {
  const std::string path = left.path();
  Marks marks{};
  if (FileStatus s = read_marks(path, marks); !s) return s;
  const std::uint64_t bytes = bytes_until(marks, number);
  if (bytes > 0) {
    const std::string copy = left.folder + "/." + left.name + ".copy";
    if (FileStatus s = copy_start(path, copy, bytes); !s) return s;
    if (std::rename(copy.c_str(), (left.folder + "/" + left.name).c_str()) != 0) {
      return FileStatus::failed(copy, "rename");
    }
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return FileStatus::failed(path, "remove");
  unlink((path + std::string(kMark)).c_str());
  return sync_folder(left.folder);
}

FileStatus OpenFile::look_settled(const Left& left, bool& settled) {
  Marks marks{};
  const FileStatus status = read_marks(left.path(), marks);
  settled = std::ranges::any_of(marks, [](const Mark& mark) { return mark.settled > 0; });
  return status;
}

bool OpenFile::is_owned(const Left& left) { return is_locked(left.path()); }

}  // namespace weir::sink
