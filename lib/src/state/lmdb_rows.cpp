#include "state/lmdb_rows.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "state/layout.h"
#include "state/lmdb.h"

namespace weir::state {
namespace {

// Long keys that share their prefix are not in order: they are collected, sorted, then visited.
class Scan {
 public:
  Scan(MDB_cursor* cursor, Bytes from, Bytes to, BytesStore::Visit visit)
      : cursor_(cursor), from_(from), to_(to), visit_(visit) {}

  int run() {
    int code = seek();
    while (code == MDB_SUCCESS && go_on_) {
      if (is_long_row(to_bytes(key_))) {
        code = visit_long_rows();
      } else {
        visit(plain_key(to_bytes(key_)), to_bytes(value_));
        code = go_on_ ? next() : MDB_SUCCESS;
      }
    }
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
  }

 private:
  struct LongRow {
    Bytes rest;
    Bytes value;
  };

  int seek() {
    if (from_.empty()) return mdb_cursor_get(cursor_, &key_, &value_, MDB_FIRST);
    // From a long key: from its prefix, as any order may follow.
    std::string scratch;
    const Bytes from = is_long(from_) ? long_prefix(from_) : row_key(from_, scratch);
    key_ = to_val(from);
    return mdb_cursor_get(cursor_, &key_, &value_, MDB_SET_RANGE);
  }

  int next() { return mdb_cursor_get(cursor_, &key_, &value_, MDB_NEXT); }

  void visit(Bytes key, Bytes value) {
    if (key < from_) return;
    go_on_ = (to_.empty() || key < to_) && visit_(key, value);
  }

  int visit_long_rows() {
    std::vector<LongRow> rows;
    std::string key(long_prefix(to_bytes(key_)));
    int code = MDB_SUCCESS;
    for (; code == MDB_SUCCESS; code = next()) {
      if (!is_long_row(to_bytes(key_)) || long_prefix(to_bytes(key_)) != key) break;
      for (Bytes entries = to_bytes(value_); !entries.empty();) {
        LongRow& row = rows.emplace_back();
        if (!read_entry(entries, row.rest, row.value)) return MDB_CORRUPTED;
      }
    }
    std::sort(rows.begin(), rows.end(),
              [](const LongRow& a, const LongRow& b) { return a.rest < b.rest; });
    for (const LongRow& row : rows) {
      key.resize(kPlainKeyBytesMax);
      key += row.rest;
      visit(key, row.value);
      if (!go_on_) break;
    }
    return code;
  }

  MDB_cursor* cursor_;
  const Bytes from_;
  const Bytes to_;
  BytesStore::Visit visit_;
  MDB_val key_{};
  MDB_val value_{};
  bool go_on_ = true;
};

// Writes ascending rows with one cursor: neighbours are found without a descent from the root, and
// what lies beyond the last row is appended, as new windows are.
class Writer {
 public:
  explicit Writer(MDB_cursor* cursor) : cursor_(cursor) {}

  int run(std::span<const Row> rows) {
    int code = find_last();
    for (const Row& row : rows) {
      if (code != MDB_SUCCESS) return code;
      code = is_long(row.key) ? write_long(row) : write_plain(row);
    }
    return code;
  }

 private:
  int find_last() {
    MDB_val key{};
    MDB_val value{};
    const int code = mdb_cursor_get(cursor_, &key, &value, MDB_LAST);
    is_beyond_last_ = code == MDB_NOTFOUND;
    if (code == MDB_SUCCESS) last_.assign(to_bytes(key));
    return is_beyond_last_ ? MDB_SUCCESS : code;
  }

  int write_plain(const Row& row) {
    const Bytes name = row_key(row.key, scratch_);
    is_beyond_last_ = is_beyond_last_ || name > last_;
    if (!row.value) return is_beyond_last_ ? MDB_SUCCESS : erase(name);
    MDB_val key = to_val(name);
    MDB_val value = to_val(*row.value);
    return mdb_cursor_put(cursor_, &key, &value, is_beyond_last_ ? MDB_APPEND : 0);
  }

  int write_long(const Row& row) {
    const Bytes name = row_key(row.key, scratch_);
    MDB_val key = to_val(name);
    MDB_val value{};
    const int code = mdb_cursor_get(cursor_, &key, &value, MDB_SET);
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return code;
    const Bytes entries = code == MDB_SUCCESS ? to_bytes(value) : Bytes{};
    if (!change_entries(entries, long_rest(row.key), row.value, entries_)) return MDB_CORRUPTED;
    if (entries_.empty()) return erase(name);
    key = to_val(name);
    value = to_val(entries_);
    return mdb_cursor_put(cursor_, &key, &value, 0);
  }

  int erase(Bytes name) {
    MDB_val key = to_val(name);
    MDB_val value{};
    const int code = mdb_cursor_get(cursor_, &key, &value, MDB_SET);
    if (code == MDB_NOTFOUND) return MDB_SUCCESS;
    return code == MDB_SUCCESS ? mdb_cursor_del(cursor_, 0) : code;
  }

  MDB_cursor* cursor_;
  std::string last_;  // The last row before the first write.
  bool is_beyond_last_ = false;
  std::string scratch_;
  std::string entries_;
};

}  // namespace

int get_row(MDB_txn* txn, MDB_dbi db, Bytes key, std::optional<Bytes>& value) {
  value.reset();
  std::string scratch;
  MDB_val row = to_val(row_key(key, scratch));
  MDB_val found{};
  const int code = mdb_get(txn, db, &row, &found);
  if (code != MDB_SUCCESS) return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
  if (!is_long(key)) {
    value = to_bytes(found);
    return MDB_SUCCESS;
  }
  for (Bytes entries = to_bytes(found); !entries.empty();) {
    Bytes rest;
    Bytes bytes;
    if (!read_entry(entries, rest, bytes)) return MDB_CORRUPTED;
    if (rest == long_rest(key)) value = bytes;
  }
  return MDB_SUCCESS;
}

int scan_rows(MDB_cursor* cursor, Bytes from, Bytes to, BytesStore::Visit visit) {
  return Scan(cursor, from, to, visit).run();
}

int write_rows(MDB_txn* txn, MDB_dbi db, std::span<const Row> rows) {
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn, db, &cursor); code != MDB_SUCCESS) return code;
  const std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> closed(cursor, mdb_cursor_close);
  return Writer(cursor).run(rows);
}

}  // namespace weir::state
