#include "state/lmdb_disk.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "state/layout.h"
#include "state/lmdb_rows.h"
#include "state/lmdb_snapshot.h"

namespace weir::state {
namespace {

int open_database(MDB_txn* txn, Bytes name, MDB_dbi& db) {
  return mdb_dbi_open(txn, std::string(name).c_str(), MDB_CREATE, &db);
}

int put_meta(MDB_txn* txn, MDB_dbi meta, Bytes name, Bytes value) {
  const Row row{name, value};
  return write_rows(txn, meta, {&row, 1});
}

}  // namespace

LmdbDisk::LmdbDisk(Directory directory, std::unique_ptr<Lmdb> lmdb, std::string boot_id)
    : directory_(std::move(directory)), lmdb_(std::move(lmdb)), boot_id_(std::move(boot_id)) {
  std::string version;
  append_varint(version, kFormatVersion);
  lmdb_->write([&](MDB_txn* txn) {
    int code = open_database(txn, kMetaDatabase, meta_);
    if (code == MDB_SUCCESS) code = put_meta(txn, meta_, kMetaFormat, version);
    if (code == MDB_SUCCESS) code = put_meta(txn, meta_, kMetaBoot, boot_id_);
    return code == MDB_SUCCESS ? put_meta(txn, meta_, kMetaClean, kInUse) : code;
  });
}

LmdbDisk::~LmdbDisk() {
  for (const OpenStore& store : stores_) {
    if (store.cursor != nullptr) mdb_cursor_close(store.cursor);
  }
  if (reader_ != nullptr) mdb_txn_abort(reader_);
}

MDB_txn* LmdbDisk::reader() {
  if (is_reading_) return reader_;
  if (reader_ == nullptr) {
    reader_ = lmdb_->begin_read();
  } else {
    lmdb_->must(mdb_txn_renew(reader_), "beginning to read");
  }
  is_reading_ = true;
  return reader_;
}

void LmdbDisk::release_reader() {
  if (is_reading_) mdb_txn_reset(reader_);
  is_reading_ = false;
}

void LmdbDisk::write(FunctionRef<int(MDB_txn*)> fill) {
  release_reader();
  lmdb_->write(fill);
}

Disk::StoreId LmdbDisk::open_store(std::string_view name) {
  OpenStore store{std::string(name)};
  const std::string database = std::string(kStorePrefix).append(name);
  write([&](MDB_txn* txn) { return open_database(txn, database, store.db); });
  const std::unique_lock lock(lmdb_->map_mutex());
  stores_.push_back(std::move(store));
  return stores_.size() - 1;
}

std::optional<Bytes> LmdbDisk::get(StoreId store, Bytes key) {
  std::optional<Bytes> value;
  lmdb_->must(get_row(reader(), stores_[store].db, key, value), "reading");
  return value;
}

// A cursor for one scan: the store's own, or a new one when a visitor scans what is being scanned.
struct LmdbDisk::CursorLoan {
  CursorLoan(MDB_txn* txn, OpenStore& from) : store(from), is_own(!from.is_scanned) {
    if (is_own && store.cursor != nullptr) {
      cursor = store.cursor;
      code = mdb_cursor_renew(txn, cursor);
    } else {
      code = mdb_cursor_open(txn, store.db, &cursor);
      if (is_own) store.cursor = cursor;
    }
    store.is_scanned = true;
  }
  ~CursorLoan() {
    if (is_own) {
      store.is_scanned = false;
    } else if (cursor != nullptr) {
      mdb_cursor_close(cursor);
    }
  }
  CursorLoan(const CursorLoan&) = delete;
  CursorLoan& operator=(const CursorLoan&) = delete;

  OpenStore& store;
  const bool is_own;
  MDB_cursor* cursor = nullptr;
  int code = MDB_SUCCESS;
};

void LmdbDisk::scan(StoreId store, Bytes from, Bytes to, BytesStore::Visit visit) {
  const CursorLoan loan(reader(), stores_[store]);
  lmdb_->must(loan.code, "beginning to scan");
  lmdb_->must(scan_rows(loan.cursor, from, to, visit), "scanning");
}

StoreUsage LmdbDisk::usage(StoreId store) { return lmdb_->usage(reader(), stores_[store].db); }

std::optional<Bytes> LmdbDisk::meta(Bytes name) {
  std::optional<Bytes> value;
  lmdb_->must(get_row(reader(), meta_, name, value), "reading");
  return value;
}

void LmdbDisk::write(std::span<const Batch> batches, std::span<const Row> meta) {
  write([&](MDB_txn* txn) {
    for (const Batch& batch : batches) {
      const int code = write_rows(txn, stores_[batch.store].db, batch.rows);
      if (code != MDB_SUCCESS) return code;
    }
    for (const Row& row : meta) {
      const int code = write_rows(txn, meta_, {&row, 1});
      if (code != MDB_SUCCESS) return code;
    }
    return MDB_SUCCESS;
  });
}

void LmdbDisk::wipe(std::span<const Row> meta) {
  std::string version;
  append_varint(version, kFormatVersion);
  write([&](MDB_txn* txn) {
    int code = drop_rows(txn);
    if (code == MDB_SUCCESS) code = put_meta(txn, meta_, kMetaFormat, version);
    if (code == MDB_SUCCESS) code = put_meta(txn, meta_, kMetaBoot, boot_id_);
    if (code == MDB_SUCCESS) code = put_meta(txn, meta_, kMetaClean, kInUse);
    for (const Row& row : meta) {
      if (code == MDB_SUCCESS) code = write_rows(txn, meta_, {&row, 1});
    }
    return code;
  });
}

// Empties what is open and deletes the databases of stores that no one has opened.
int LmdbDisk::drop_rows(MDB_txn* txn) {
  int code = mdb_drop(txn, meta_, 0);
  for (const OpenStore& store : stores_) {
    if (code == MDB_SUCCESS) code = mdb_drop(txn, store.db, 0);
  }
  std::vector<std::string> names;
  if (code == MDB_SUCCESS) code = database_names(txn, names);
  for (const std::string& name : names) {
    const bool is_open = std::any_of(stores_.begin(), stores_.end(), [&](const OpenStore& store) {
      return name == std::string(kStorePrefix) + store.name;
    });
    MDB_dbi db = 0;
    if (code != MDB_SUCCESS || is_open || name == kMetaDatabase) continue;
    code = mdb_dbi_open(txn, name.c_str(), 0, &db);
    if (code == MDB_SUCCESS) code = mdb_drop(txn, db, 1);
  }
  return code;
}

DiskUsage LmdbDisk::usage() { return lmdb_->usage(); }

std::unique_ptr<Snapshot> LmdbDisk::snapshot() {
  std::shared_lock lock(lmdb_->map_mutex());
  LmdbSnapshot::Databases stores;
  for (const OpenStore& store : stores_) stores.emplace_back(store.name, store.db);
  return std::make_unique<LmdbSnapshot>(*lmdb_, std::move(lock), meta_, std::move(stores));
}

}  // namespace weir::state
