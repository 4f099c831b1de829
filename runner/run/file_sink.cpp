#include "run/file_sink.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace weir::run {

namespace {

class FileSink final : public Sink {
 public:
  FileSink(std::string path, int file) : path_(std::move(path)), file_(file) {}
  ~FileSink() override { close(); }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    waiting_.clear();
    for (const SinkRecord& record : batch) {
      waiting_ += record.value.value_or("null");
      waiting_ += '\n';
    }
    // O_APPEND and one call: lines of several threads do not mix.
    std::size_t written = 0;
    while (written < waiting_.size()) {
      const ssize_t count = ::write(file_, waiting_.data() + written, waiting_.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return broken();
      written += static_cast<std::size_t>(count);
    }
    return {};
  }

  SinkAnswer flush() override {
    // A pipe or a terminal has no disk to reach.
    if (fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) return broken();
    return {};
  }

  void close() override {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

 private:
  SinkAnswer broken() const {
    return {
        .what = SinkAnswer::What::never, .why = path_ + ": " + std::strerror(errno), .refused = {}};
  }

  std::string path_;
  int file_;
  std::string waiting_;
};

class NoSink final : public Sink {
 public:
  SinkAnswer write(std::span<const SinkRecord>) override { return {}; }
  SinkAnswer flush() override { return {}; }
  void close() override {}
};

}  // namespace

OpenSink file_sink(std::string path) {
  return [path = std::move(path)](int) -> Result<std::unique_ptr<Sink>> {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return Error{"cannot write '" + path + "': " + std::strerror(errno)};
    return std::unique_ptr<Sink>(std::make_unique<FileSink>(path, file));
  };
}

OpenSink no_sink() {
  return [](int) -> Result<std::unique_ptr<Sink>> {
    return std::unique_ptr<Sink>(std::make_unique<NoSink>());
  };
}

}  // namespace weir::run
