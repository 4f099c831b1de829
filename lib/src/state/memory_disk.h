// A disk in memory, for tests: what was flushed outlives the environment, as files would.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "state/disk.h"

namespace weir::state {

// The files of it. Keep them and open another MemoryDisk on them: that is a restart.
struct MemoryFiles {
  using Rows = std::map<std::string, std::string, std::less<>>;
  std::map<std::string, Rows, std::less<>> stores;
  Rows meta;
  std::mutex mutex;  // Held by a write and by the copying of a snapshot, nothing else.
};

class MemoryDisk final : public Disk {
 public:
  // REQUIRES: `files` outlives it and has no other disk.
  explicit MemoryDisk(MemoryFiles& files) : files_(files) {}

  StoreId open_store(std::string_view name) override;
  std::optional<Bytes> get(StoreId store, Bytes key) override;
  void scan(StoreId store, Bytes from, Bytes to, BytesStore::Visit visit) override;
  StoreUsage usage(StoreId store) override;
  std::optional<Bytes> meta(Bytes name) override;
  void write(std::span<const Batch> batches, std::span<const Row> meta) override;
  void wipe(std::span<const Row> meta) override;
  void sync() override {}
  DiskUsage usage() override;
  std::unique_ptr<Snapshot> snapshot() override;

 private:
  MemoryFiles& files_;
  std::vector<MemoryFiles::Rows*> stores_;
};

}  // namespace weir::state
