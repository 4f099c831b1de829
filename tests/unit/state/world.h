// Where a test's environment lives: on a disk in memory or on LMDB. It can be crashed and reopened.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "state/environment.h"
#include "state/lmdb_environment.h"
#include "state/memory_disk.h"

namespace weir::state::test {

class World {
 public:
  virtual ~World() = default;
  virtual std::unique_ptr<Environment> open(Environment::Options options) = 0;
};

class MemoryWorld final : public World {
 public:
  std::unique_ptr<Environment> open(Environment::Options options) override {
    return open_memory(files_, std::move(options));
  }

 private:
  MemoryFiles files_;
};

// A directory that is gone when the test is.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-state-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;  // Ignored: there is nothing a test could do about it.
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class LmdbWorld final : public World {
 public:
  explicit LmdbWorld(LmdbOptions options = {}) : options_(std::move(options)) {}
  std::unique_ptr<Environment> open(Environment::Options options) override {
    auto opened = open_lmdb(directory_.path(), std::move(options), options_);
    if (!opened) throw BrokenWorld(opened.error().to_string());
    return std::move(*opened);
  }

 private:
  TemporaryDirectory directory_;
  LmdbOptions options_;
};

}  // namespace weir::state::test
