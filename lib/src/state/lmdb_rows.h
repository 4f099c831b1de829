// Rows of a store in an LMDB database: the grammar of layout.h, read and written.
#pragma once

#include <optional>
#include <span>
#include <string>

#include <lmdb.h>

#include "state/disk.h"
#include <weir/bytes.h>
#include <weir/bytes_store.h>

namespace weir::state {

// All return what LMDB said last; MDB_NOTFOUND is no error and comes back as MDB_SUCCESS. Rows that
// are not what the grammar says are MDB_CORRUPTED.

// Views in `value` and in visits are valid as long as the transaction.
int get_row(MDB_txn* txn, MDB_dbi db, Bytes key, std::optional<Bytes>& value);
// As BytesStore::scan.
int scan_rows(MDB_cursor* cursor, Bytes from, Bytes to, BytesStore::Visit visit);
// `rows` ascend.
int write_rows(MDB_txn* txn, MDB_dbi db, std::span<const Row> rows);

}  // namespace weir::state
