// LMDB with its errors as exceptions and its resources as objects.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <lmdb.h>

#include "state/snapshot.h"
#include <weir/bytes.h>
#include <weir/error.h>
#include <weir/function_ref.h>

namespace weir::state {

inline MDB_val to_val(Bytes bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data() != nullptr ? bytes.data() : "")};
}
inline Bytes to_bytes(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

// The names of the databases of an environment, in order.
int database_names(MDB_txn* txn, std::vector<std::string>& names);

// One LMDB environment. Any thread may read, one may write.
class Lmdb {
 public:
  enum class Access { kWrite, kRead };
  struct Options {
    std::size_t map_bytes = 0;  // 0: as large as it was.
    unsigned databases_max = 0;
  };

  // REQUIRES: the directory exists, and no other Lmdb of this process has it.
  static Result<std::unique_ptr<Lmdb>> open(const std::filesystem::path& directory, Access access,
                                            Options options);
  ~Lmdb();
  Lmdb(const Lmdb&) = delete;
  Lmdb& operator=(const Lmdb&) = delete;

  // A transaction of what `fill` does; it returns what LMDB said last. When the map is full, it is
  // doubled and `fill` runs again, so that it must do the same each time.
  void write(FunctionRef<int(MDB_txn*)> fill);
  // A transaction that reads. Ends with mdb_txn_abort().
  MDB_txn* begin_read();

  void sync();
  MDB_envinfo about() const;
  std::size_t page_bytes() const;
  DiskUsage usage() const;
  StoreUsage usage(MDB_txn* txn, MDB_dbi db) const;

  // Held shared by whoever reads from another thread: the map does not move meanwhile.
  std::shared_mutex& map_mutex() { return map_mutex_; }

  // Ends in a BrokenWorld that names the place, unless `code` is success.
  void must(int code, std::string_view while_what) const;

 private:
  Lmdb(MDB_env* env, std::filesystem::path directory);
  int try_write(FunctionRef<int(MDB_txn*)> fill);
  void grow();
  void extend_file();

  MDB_env* env_;
  const std::filesystem::path directory_;
  std::shared_mutex map_mutex_;
};

}  // namespace weir::state
