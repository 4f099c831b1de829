// Disks that are full and files that are too many, for the process of a test.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace weir::tests {

// No file may grow beyond so many bytes, for as long as this lives; not even one that a failing
// expectation would be written to.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

// All files that the process may have open are so, but for some, for as long as this lives.
class NoMoreFiles {
 public:
  explicit NoMoreFiles(std::size_t left = 0) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit now{256, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &now);
    for (int file = 0; (file = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) {
      files_.push_back(file);
    }
    for (; left > 0 && !files_.empty(); --left) take_back();
  }
  ~NoMoreFiles() {
    while (!files_.empty()) take_back();
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  void take_back() {
    close(files_.back());
    files_.pop_back();
  }

  rlimit before_{};
  std::vector<int> files_;
};

// A disk of so many kilobytes in that folder, where one may be had: root may mount.
class SmallDisk {
 public:
  SmallDisk(std::string folder, int kilobytes) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    const std::string size = "size=" + std::to_string(kilobytes) + "k";
    there_ = mount("weir", folder_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (there_) umount2(folder_.c_str(), MNT_DETACH);
    std::filesystem::remove_all(folder_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_there() const { return there_; }

 private:
  const std::string folder_;
  bool there_ = false;
};

}  // namespace weir::tests
