#include "state/lmdb_snapshot.h"

#include "state/layout.h"
#include "state/lmdb_rows.h"

namespace weir::state {

LmdbSnapshot::LmdbSnapshot(Lmdb& lmdb, std::shared_lock<std::shared_mutex> lock, MDB_dbi meta,
                           Databases stores)
    : lock_(std::move(lock)),
      lmdb_(lmdb),
      txn_(lmdb.begin_read()),
      meta_(meta),
      stores_(std::move(stores)) {}

LmdbSnapshot::LmdbSnapshot(std::unique_ptr<Lmdb> lmdb, MDB_txn* txn, MDB_dbi meta, Databases stores)
    : owned_(std::move(lmdb)), lmdb_(*owned_), txn_(txn), meta_(meta), stores_(std::move(stores)) {}

LmdbSnapshot::~LmdbSnapshot() { mdb_txn_abort(txn_); }

const MDB_dbi* LmdbSnapshot::find(std::string_view store) const {
  for (const auto& [name, db] : stores_) {
    if (name == store) return &db;
  }
  return nullptr;
}

std::vector<std::string> LmdbSnapshot::stores() {
  std::vector<std::string> names;
  for (const auto& [name, db] : stores_) names.push_back(name);
  return names;
}

std::optional<Position> LmdbSnapshot::position(std::string_view store) {
  if (find(store) == nullptr) return std::nullopt;
  std::optional<Bytes> bytes;
  lmdb_.must(get_row(txn_, meta_, std::string(kStorePrefix).append(store), bytes), "reading");
  Position position;
  if (bytes && !read_position(*bytes, position)) lmdb_.must(MDB_CORRUPTED, "reading a position");
  return position;
}

StoreUsage LmdbSnapshot::usage(std::string_view store) {
  const MDB_dbi* db = find(store);
  return db == nullptr ? StoreUsage{} : lmdb_.usage(txn_, *db);
}

std::optional<Bytes> LmdbSnapshot::get(std::string_view store, Bytes key) {
  std::optional<Bytes> value;
  if (const MDB_dbi* db = find(store)) lmdb_.must(get_row(txn_, *db, key, value), "reading");
  return value;
}

void LmdbSnapshot::scan(std::string_view store, Bytes from, Bytes to, BytesStore::Visit visit) {
  const MDB_dbi* db = find(store);
  if (db == nullptr) return;
  MDB_cursor* cursor = nullptr;
  lmdb_.must(mdb_cursor_open(txn_, *db, &cursor), "reading");
  const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> closed(cursor, mdb_cursor_close);
  lmdb_.must(scan_rows(cursor, from, to, visit), "reading");
}

}  // namespace weir::state
