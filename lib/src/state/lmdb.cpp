#include "state/lmdb.h"

#include <cerrno>
#include <mutex>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace weir::state {
namespace {

// NOSYNC: a crash of the process costs nothing, a crash of the machine the whole environment, which
// the changelog can rebuild; the boot id in meta tells the two apart. No WRITEMAP: a full disk
// would be a SIGBUS, and a stray pointer could write into the state.
constexpr unsigned kFlags = MDB_NOSYNC | MDB_NOTLS;

Error open_error(const std::filesystem::path& directory, int code) {
  std::string hint;
  if (code == EACCES || code == EPERM) hint = "let this user read and write it";
  if (code == ENOSPC) hint = "free some space on that disk";
  if (code == ENOMEM) hint = "the limit on address space is too small for it";
  return {"cannot open the state in " + directory.string() + ": " + mdb_strerror(code), hint};
}

}  // namespace

int database_names(MDB_txn* txn, std::vector<std::string>& names) {
  MDB_dbi main = 0;
  MDB_cursor* cursor = nullptr;
  int code = mdb_dbi_open(txn, nullptr, 0, &main);
  if (code == MDB_SUCCESS) code = mdb_cursor_open(txn, main, &cursor);
  if (code != MDB_SUCCESS) return code;
  MDB_val key{};
  MDB_val value{};
  for (code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); code == MDB_SUCCESS;
       code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
    names.emplace_back(to_bytes(key));
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

Result<std::unique_ptr<Lmdb>> Lmdb::open(const std::filesystem::path& directory, Access access,
                                         Options options) {
  MDB_env* env = nullptr;
  int code = mdb_env_create(&env);
  if (code != MDB_SUCCESS) return open_error(directory, code);
  std::unique_ptr<Lmdb> lmdb(new Lmdb(env, directory));
  code = mdb_env_set_maxdbs(env, options.databases_max);
  if (code == MDB_SUCCESS && options.map_bytes > 0) {
    code = mdb_env_set_mapsize(env, options.map_bytes);
  }
  const unsigned flags = access == Access::kRead ? kFlags | MDB_RDONLY : kFlags;
  if (code == MDB_SUCCESS) code = mdb_env_open(env, directory.c_str(), flags, 0644);
  if (code != MDB_SUCCESS) return open_error(directory, code);
  return lmdb;
}

Lmdb::Lmdb(MDB_env* env, std::filesystem::path directory)
    : env_(env), directory_(std::move(directory)) {}

Lmdb::~Lmdb() { mdb_env_close(env_); }

void Lmdb::must(int code, std::string_view while_what) const {
  if (code == MDB_SUCCESS) return;
  std::string text = "state in " + directory_.string() + ": " + mdb_strerror(code) + " while ";
  text += while_what;
  const bool is_damage = code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID;
  if (is_damage) text += " (delete the directory: the changelog rebuilds it)";
  throw BrokenWorld(text);
}

void Lmdb::write(FunctionRef<int(MDB_txn*)> fill) {
  int dead = 0;
  mdb_reader_check(env_, &dead);  // Processes that died while looking would keep space from reuse.
  int code = try_write(fill);
  for (; code == MDB_MAP_FULL; code = try_write(fill)) grow();
  must(code, "writing");
  extend_file();
}

int Lmdb::try_write(FunctionRef<int(MDB_txn*)> fill) {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(env_, nullptr, 0, &txn);
  if (code != MDB_SUCCESS) return code;
  try {
    code = fill(txn);
  } catch (...) {
    mdb_txn_abort(txn);
    throw;
  }
  if (code == MDB_SUCCESS) return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return code;
}

void Lmdb::grow() {
  const std::unique_lock lock(map_mutex_);
  must(mdb_env_set_mapsize(env_, about().me_mapsize * 2), "growing the map");
}

// LMDB need not write pages that were freed in the transaction that took them, so the file may end
// before the last page it counts. Made long enough, a file that is too short was truncated.
void Lmdb::extend_file() {
  int file = -1;
  must(mdb_env_get_fd(env_, &file), "asking for its file");
  const auto size = static_cast<off_t>((about().me_last_pgno + 1) * page_bytes());
  struct stat now {};
  if (fstat(file, &now) != 0) must(errno, "asking for the size of its file");
  if (now.st_size < size && ftruncate(file, size) != 0) must(errno, "extending its file");
}

MDB_txn* Lmdb::begin_read() {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  // The process that writes has grown the map since.
  if (code == MDB_MAP_RESIZED) {
    must(mdb_env_set_mapsize(env_, 0), "following a larger map");
    code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  }
  must(code, "beginning to read");
  return txn;
}

void Lmdb::sync() { must(mdb_env_sync(env_, 1), "syncing"); }

MDB_envinfo Lmdb::about() const {
  MDB_envinfo facts{};
  mdb_env_info(env_, &facts);
  return facts;
}

DiskUsage Lmdb::usage() const {
  const MDB_envinfo now = about();
  return {(now.me_last_pgno + 1) * page_bytes(), now.me_mapsize};
}

StoreUsage Lmdb::usage(MDB_txn* txn, MDB_dbi db) const {
  MDB_stat stat{};
  must(mdb_stat(txn, db, &stat), "counting");
  const std::size_t pages = stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
  return {stat.ms_entries, pages * stat.ms_psize};
}

std::size_t Lmdb::page_bytes() const {
  MDB_stat stat{};
  mdb_env_stat(env_, &stat);
  return stat.ms_psize;
}

}  // namespace weir::state
