// The disk of a task on LMDB.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <lmdb.h>

#include "state/directory.h"
#include "state/disk.h"
#include "state/lmdb.h"

namespace weir::state {

// A database per store and one for meta, all in one environment, so that a flush is one transaction
// and stores and positions agree after every crash of the process.
class LmdbDisk final : public Disk {
 public:
  // Marks the environment as in use on this boot of the machine.
  LmdbDisk(Directory directory, std::unique_ptr<Lmdb> lmdb, std::string boot_id);
  ~LmdbDisk() override;

  StoreId open_store(std::string_view name) override;
  std::optional<Bytes> get(StoreId store, Bytes key) override;
  void scan(StoreId store, Bytes from, Bytes to, BytesStore::Visit visit) override;
  StoreUsage usage(StoreId store) override;
  std::optional<Bytes> meta(Bytes name) override;
  void write(std::span<const Batch> batches, std::span<const Row> meta) override;
  void wipe(std::span<const Row> meta) override;
  void sync() override { lmdb_->sync(); }
  DiskUsage usage() override;
  std::unique_ptr<Snapshot> snapshot() override;

 private:
  struct OpenStore {
    std::string name;
    MDB_dbi db = 0;
    MDB_cursor* cursor = nullptr;  // Of reader_; made by the first scan.
    bool is_scanned = false;
  };
  struct CursorLoan;

  MDB_txn* reader();
  void release_reader();
  void write(FunctionRef<int(MDB_txn*)> fill);
  int drop_rows(MDB_txn* txn);

  const Directory directory_;  // Outlives what is open in it.
  const std::unique_ptr<Lmdb> lmdb_;
  const std::string boot_id_;
  MDB_dbi meta_ = 0;
  std::vector<OpenStore> stores_;
  // One transaction reads from flush to flush. It is let go during each: a reader that stays keeps
  // the pages that the write replaces.
  MDB_txn* reader_ = nullptr;
  bool is_reading_ = false;
};

}  // namespace weir::state
