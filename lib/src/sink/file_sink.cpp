#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/file_status.h"
#include "sink/retry_clock.h"
#include <weir/file_sink.h>

namespace weir {

namespace {

using sink::FileStatus;
using sink::RetryClock;

class FileSink final : public Sink {
 public:
  explicit FileSink(const FileOptions& options) : path_(options.path), clock_(options.retry) {}
  ~FileSink() override { close(); }

  SinkAnswer begin() {
    const FileStatus status = open();
    return status.error == ENOENT ? RetryClock::answer(SinkAnswer::What::never, status.why)
                                  : told(status);
  }

  SinkAnswer probe() override {
    if (clock_.resting()) return clock_.waiting();
    if (FileStatus s = open(); !s) return told(s);
    if (FileStatus s = find_room(); !s) return told(s);
    clock_.answered();
    return {};
  }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (clock_.resting()) return clock_.waiting();
    if (FileStatus s = open(); !s) return told(s);
    waiting_.clear();
    for (const SinkRecord& record : batch) {
      waiting_ += record.value.value_or("null");
      waiting_ += '\n';
    }
    return told(append());
  }

  SinkAnswer flush() override {
    if (clock_.resting()) return clock_.waiting();
    // A disk tells once that it has lost what was written: it has to come again.
    if (lost_ && file_ >= 0) lost_ = sink::sync_bytes(file_, path_);
    if (lost_) clock_.succeeded();
    return told(lost_);
  }

  SinkAnswer resume(const SinkSource&, const SinkStart&) override {
    lost_ = {};
    return {};
  }

  void close() override {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

 private:
  static constexpr off_t kRoom = off_t{64} << 10;

  SinkAnswer told(const FileStatus& status) {
    if (status) return {};
    if (status.lasts()) return RetryClock::answer(SinkAnswer::What::never, status.why);
    return clock_.failed(status.why);
  }

  FileStatus open() {
    if (file_ >= 0) return {};
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    struct stat found {};
    if (file_ < 0) return FileStatus::failed(path_, "open");
    is_file_ = fstat(file_, &found) == 0 && S_ISREG(found.st_mode);
    return {};
  }

  // Only a file has room that can be asked for, and not each file system can be asked.
  FileStatus find_room() const {
    if (!is_file_) return {};
    flock(file_, LOCK_EX);
    struct stat now {};
    FileStatus status;
    if (fstat(file_, &now) == 0) {
      const bool none = fallocate(file_, FALLOC_FL_KEEP_SIZE, now.st_size, kRoom) != 0 &&
                        errno != EOPNOTSUPP && errno != EINTR;
      if (none) status = FileStatus::failed(path_, "write");
      (void)!ftruncate(file_, now.st_size);  // The room is given back.
    }
    flock(file_, LOCK_UN);
    return status;
  }

  // Lines of several threads, and of processes, do not mix: one of them writes at a time. When the
  // disk has no room for all lines they are none.
  FileStatus append() {
    if (is_file_) flock(file_, LOCK_EX);
    struct stat before {};
    FileStatus status =
        fstat(file_, &before) == 0 ? FileStatus() : FileStatus::failed(path_, "see");
    for (std::size_t written = 0; status && written < waiting_.size();) {
      const ssize_t count = ::write(file_, waiting_.data() + written, waiting_.size() - written);
      if (count >= 0) {
        written += static_cast<std::size_t>(count);
      } else if (errno != EINTR) {
        status = FileStatus::failed(path_, "write");
      }
    }
    if (is_file_ && !status && ftruncate(file_, before.st_size) != 0) lost_ = status;
    if (is_file_) flock(file_, LOCK_UN);
    return status;
  }

  const std::string path_;
  RetryClock clock_;
  int file_ = -1;
  bool is_file_ = false;
  FileStatus lost_{};  // Of the sync that has failed.
  std::string waiting_;
};

}  // namespace

Result<OpenSink> file_sink(FileOptions options) {
  if (options.path.empty()) return Error{"a sink of a file needs its path"};
  return OpenSink([options = std::move(options)](int) -> Result<std::unique_ptr<Sink>> {
    auto made = std::make_unique<FileSink>(options);
    SinkAnswer begun = made->begin();  // A full disk it waits for, then as later.
    if (begun.what == SinkAnswer::What::never) return Error{begun.why};
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
