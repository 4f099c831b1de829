// A look at stores on LMDB.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <lmdb.h>

#include "state/lmdb.h"
#include "state/snapshot.h"

namespace weir::state {

class LmdbSnapshot final : public Snapshot {
 public:
  using Databases = std::vector<std::pair<std::string, MDB_dbi>>;

  // Of an environment that this process writes. `lock` keeps its map where it is.
  LmdbSnapshot(Lmdb& lmdb, std::shared_lock<std::shared_mutex> lock, MDB_dbi meta,
               Databases stores);
  // Of an environment opened for this alone.
  LmdbSnapshot(std::unique_ptr<Lmdb> lmdb, MDB_txn* txn, MDB_dbi meta, Databases stores);
  ~LmdbSnapshot() override;

  std::vector<std::string> stores() override;
  std::optional<Position> position(std::string_view store) override;
  StoreUsage usage(std::string_view store) override;
  DiskUsage disk_usage() override { return lmdb_.usage(); }
  std::optional<Bytes> get(std::string_view store, Bytes key) override;
  void scan(std::string_view store, Bytes from, Bytes to, BytesStore::Visit visit) override;

 private:
  const MDB_dbi* find(std::string_view store) const;

  const std::unique_ptr<Lmdb> owned_;
  const std::shared_lock<std::shared_mutex> lock_;
  Lmdb& lmdb_;
  MDB_txn* const txn_;
  const MDB_dbi meta_;
  const Databases stores_;
};

}  // namespace weir::state
