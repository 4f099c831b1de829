// A look at a task's stores from outside: another thread, or another process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/layout.h"
#include <weir/bytes.h>
#include <weir/bytes_store.h>

namespace weir::state {

struct DiskUsage {
  std::uint64_t bytes_used = 0;
  std::uint64_t bytes_mapped = 0;  // What it can hold before it has to grow.
};

struct StoreUsage {
  std::uint64_t rows = 0;   // About: keys too long for one row of their own may share one.
  std::uint64_t bytes = 0;  // Of the pages that hold them.
};

// The stores as the last flush left them, all at one moment, however long it is looked at. Keep it
// short: space that the task frees meanwhile cannot be used again before it is gone. It is used and
// destroyed by the thread that took it, which may hold a lock. REQUIRES: the environment it came
// from outlives it.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::vector<std::string> stores() = 0;
  // How far the store had read its changelog; nothing when there is no such store.
  virtual std::optional<Position> position(std::string_view store) = 0;
  // A store that does not exist holds nothing.
  virtual StoreUsage usage(std::string_view store) = 0;
  virtual DiskUsage disk_usage() = 0;
  // Views are valid as long as the snapshot. A store that does not exist is an empty one.
  virtual std::optional<Bytes> get(std::string_view store, Bytes key) = 0;
  virtual void scan(std::string_view store, Bytes from, Bytes to, BytesStore::Visit visit) = 0;
};

}  // namespace weir::state
