// What is below the overlay: rows that were flushed, on a disk or in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "state/snapshot.h"
#include <weir/bytes.h>
#include <weir/bytes_store.h>

namespace weir::state {

// One row to write; without a value, one to erase.
struct Row {
  Bytes key;
  std::optional<Bytes> value;
};

// The flushed rows of all stores of one task, with `meta` rows beside them that say which changelog
// records they contain. Single-threaded but for snapshot().
class Disk {
 public:
  using StoreId = std::size_t;

  // The rows of one store to write: ascending by key, each key once.
  struct Batch {
    StoreId store = 0;
    std::span<const Row> rows;
  };

  virtual ~Disk() = default;

  // The store of that name, created when there is none.
  virtual StoreId open_store(std::string_view name) = 0;

  // The view is valid until the next write, wipe or open_store.
  virtual std::optional<Bytes> get(StoreId store, Bytes key) = 0;
  // As BytesStore::scan. REQUIRES: `visit` does not write.
  virtual void scan(StoreId store, Bytes from, Bytes to, BytesStore::Visit visit) = 0;
  virtual StoreUsage usage(StoreId store) = 0;
  virtual std::optional<Bytes> meta(Bytes name) = 0;

  // All of it or nothing. Throws BrokenWorld when there is no room; the same write may be tried
  // again later.
  virtual void write(std::span<const Batch> batches, std::span<const Row> meta) = 0;
  // Erases every row of every store and all of meta but what the disk itself keeps there, then
  // writes `meta`: one transaction.
  virtual void wipe(std::span<const Row> meta) = 0;
  // Returns once everything written would survive a loss of power.
  virtual void sync() = 0;

  virtual DiskUsage usage() = 0;
  // From any thread. What it shows is what the last finished write left.
  virtual std::unique_ptr<Snapshot> snapshot() = 0;
};

}  // namespace weir::state
