#include "state/lmdb_environment.h"

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

#include "state/directory.h"
#include "state/layout.h"
#include "state/lmdb.h"
#include "state/lmdb_disk.h"
#include "state/lmdb_file.h"
#include "state/lmdb_rows.h"
#include "state/lmdb_snapshot.h"

namespace weir::state {
namespace {

constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";

// Empty when the system has none: then nothing unclosed is trusted.
std::string this_boot() {
  std::string id;
  std::getline(std::ifstream(kBootIdFile), id);
  return id;
}

// What the meta rows and the names of an environment say.
struct Contents {
  std::vector<std::string> databases;
  std::optional<std::uint64_t> format;  // Absent: no readable one.
  std::string fingerprint;
  std::string boot;
  bool is_clean = false;
  bool is_sound = true;
};

int read_stores(MDB_txn* txn, MDB_dbi meta, Contents& contents) {
  for (const std::string& name : contents.databases) {
    std::optional<Bytes> bytes;
    Position position;
    if (!Bytes(name).starts_with(kStorePrefix)) continue;
    const int code = get_row(txn, meta, name, bytes);
    if (code != MDB_SUCCESS) return code;
    if (bytes && (!read_position(*bytes, position) || !bytes->empty())) contents.is_sound = false;
  }
  return MDB_SUCCESS;
}

int read_meta(MDB_txn* txn, MDB_dbi meta, Contents& contents) {
  std::optional<Bytes> bytes;
  int code = get_row(txn, meta, kMetaFormat, bytes);
  std::uint64_t format = 0;
  if (bytes && read_varint(*bytes, format)) contents.format = format;
  if (code == MDB_SUCCESS) code = get_row(txn, meta, kMetaFingerprint, bytes);
  contents.fingerprint = bytes.value_or("");
  if (code == MDB_SUCCESS) code = get_row(txn, meta, kMetaBoot, bytes);
  contents.boot = bytes.value_or("");
  if (code == MDB_SUCCESS) code = get_row(txn, meta, kMetaClean, bytes);
  contents.is_clean = bytes == kClosed;
  return code == MDB_SUCCESS ? read_stores(txn, meta, contents) : code;
}

Contents read_contents(Lmdb& lmdb) {
  Contents contents;
  const std::unique_ptr<MDB_txn, decltype(&mdb_txn_abort)> txn(lmdb.begin_read(), mdb_txn_abort);
  int code = database_names(txn.get(), contents.databases);
  MDB_dbi meta = 0;
  if (code == MDB_SUCCESS && !contents.databases.empty()) {
    code = mdb_dbi_open(txn.get(), std::string(kMetaDatabase).c_str(), 0, &meta);
    if (code == MDB_SUCCESS) code = read_meta(txn.get(), meta, contents);
  }
  contents.is_sound = contents.is_sound && (code == MDB_SUCCESS || code == MDB_NOTFOUND);
  return contents;
}

struct Judgement {
  enum class What { kEmpty, kKeep, kDiscard, kNotOurs, kOtherFormat };
  What what = What::kEmpty;
  std::string reason;
};

Judgement judge(const Contents& contents, bool is_ours, const std::string& boot) {
  using What = Judgement::What;
  const What damaged = is_ours ? What::kDiscard : What::kNotOurs;
  if (contents.databases.empty()) return {What::kEmpty, ""};
  if (!contents.format) return {damaged, "it has no format version"};
  if (*contents.format != kFormatVersion) {
    return {What::kOtherFormat, std::to_string(*contents.format)};
  }
  if (!contents.is_sound) return {What::kDiscard, "its meta rows are damaged"};
  if (!contents.is_clean && (boot.empty() || contents.boot != boot)) {
    return {What::kDiscard, "the machine was restarted while it was in use"};
  }
  return {What::kKeep, ""};
}

Error refusal(const std::filesystem::path& directory, const Judgement& judgement) {
  if (judgement.what == Judgement::What::kOtherFormat) {
    return {"the state in " + directory.string() + " has format version " + judgement.reason +
                ", this program reads " + std::to_string(kFormatVersion),
            "run the version that wrote it, or delete the directory: the changelog rebuilds it"};
  }
  return {"what is in " + directory.string() + " is not weir's: " + judgement.reason,
          "give the job another state directory, or delete this one"};
}

// Opens what is there and judges it. No Lmdb where the file itself cannot be opened.
struct Found {
  Judgement judgement;
  std::unique_ptr<Lmdb> lmdb;
  std::string fingerprint;
};

Result<Found> look(const Directory& directory, const Lmdb::Options& options,
                   const std::string& boot) {
  using What = Judgement::What;
  Found found;
  if (const auto damage = file_damage(directory.path())) {
    found.judgement = {directory.is_ours() ? What::kDiscard : What::kNotOurs, *damage};
    return found;
  }
  auto opened = Lmdb::open(directory.path(), Lmdb::Access::kWrite, options);
  if (!opened) return opened.error();
  found.lmdb = std::move(*opened);
  Contents contents = read_contents(*found.lmdb);
  found.judgement = judge(contents, directory.is_ours(), boot);
  found.fingerprint = std::move(contents.fingerprint);
  return found;
}

Result<std::unique_ptr<Environment>> open_claimed(Directory directory, Environment::Options options,
                                                  const LmdbOptions& lmdb_options) {
  using What = Judgement::What;
  const std::string boot = lmdb_options.boot_id.empty() ? this_boot() : lmdb_options.boot_id;
  if (!std::filesystem::exists(directory.path() / kLmdbFile)) {
    // Before there is anything: a crash meanwhile must not leave what no one owns up to.
    if (Status adopted = directory.adopt(); !adopted) return adopted.error();
  }
  const Lmdb::Options how{lmdb_options.map_bytes, lmdb_options.stores_max + 1};
  Result<Found> found = look(directory, how, boot);
  if (!found) return found.error();
  const Judgement judgement = found->judgement;
  if (judgement.what == What::kNotOurs || judgement.what == What::kOtherFormat) {
    return refusal(directory.path(), judgement);
  }
  if (Status adopted = directory.adopt(); !adopted) return adopted.error();
  Opening opening;
  if (judgement.what == What::kKeep) {
    opening = {Opening::How::kKept, "", found->fingerprint};
  } else if (judgement.what == What::kDiscard) {
    opening = {Opening::How::kDiscarded, judgement.reason, ""};
    found->lmdb.reset();
    if (Status discarded = directory.discard(); !discarded) return discarded.error();
    found = look(directory, how, boot);
    if (!found) return found.error();
  }
  auto disk = std::make_unique<LmdbDisk>(std::move(directory), std::move(found->lmdb), boot);
  return std::make_unique<Environment>(std::move(disk), std::move(opening), std::move(options));
}

}  // namespace

Result<std::unique_ptr<Environment>> open_lmdb(const std::filesystem::path& directory,
                                               Environment::Options options,
                                               const LmdbOptions& lmdb_options) {
  Result<Directory> claimed = Directory::claim(directory);
  if (!claimed) return claimed.error();
  try {
    return open_claimed(std::move(*claimed), std::move(options), lmdb_options);
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
}

namespace {

Result<Opening> judged(const std::filesystem::path& directory, bool is_ours) {
  using What = Judgement::What;
  Judgement judgement;
  std::string fingerprint;
  if (const auto damage = file_damage(directory)) {
    judgement = {is_ours ? What::kDiscard : What::kNotOurs, *damage};
  } else {
    constexpr unsigned kDatabasesMax = 1024;
    auto lmdb = Lmdb::open(directory, Lmdb::Access::kRead, {0, kDatabasesMax});
    if (!lmdb) return lmdb.error();
    Contents contents = read_contents(**lmdb);
    judgement = judge(contents, is_ours, this_boot());
    fingerprint = std::move(contents.fingerprint);
  }
  switch (judgement.what) {
    case What::kEmpty:
      return Opening{};
    case What::kKeep:
      return Opening{Opening::How::kKept, "", fingerprint};
    case What::kDiscard:
      return Opening{Opening::How::kDiscarded, judgement.reason, ""};
    case What::kNotOurs:
    case What::kOtherFormat:
      break;
  }
  return refusal(directory, judgement);
}

}  // namespace

Result<Opening> look_at_lmdb(const std::filesystem::path& directory) {
  std::error_code unknown;
  if (!std::filesystem::exists(directory / kLmdbFile, unknown) && !unknown) return Opening{};
  if (unknown) return Error{directory.string() + ": " + unknown.message()};
  try {
    return judged(directory, look_at_directory(directory).is_ours);
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
}

namespace {

Result<std::unique_ptr<Snapshot>> snapshot_of(std::unique_ptr<Lmdb> lmdb,
                                              const std::filesystem::path& directory) {
  const Judgement judgement = judge(read_contents(*lmdb), false, "");
  const bool is_ours =
      judgement.what == Judgement::What::kKeep || judgement.what == Judgement::What::kDiscard;
  if (!is_ours) return refusal(directory, judgement);
  std::unique_ptr<MDB_txn, decltype(&mdb_txn_abort)> txn(lmdb->begin_read(), mdb_txn_abort);
  std::vector<std::string> names;
  MDB_dbi meta = 0;
  int code = database_names(txn.get(), names);
  if (code == MDB_SUCCESS) {
    code = mdb_dbi_open(txn.get(), std::string(kMetaDatabase).c_str(), 0, &meta);
  }
  LmdbSnapshot::Databases stores;
  for (const std::string& name : names) {
    if (code != MDB_SUCCESS || !Bytes(name).starts_with(kStorePrefix)) continue;
    auto& [store, db] = stores.emplace_back(name.substr(kStorePrefix.size()), 0);
    code = mdb_dbi_open(txn.get(), name.c_str(), 0, &db);
  }
  lmdb->must(code, "opening its stores");
  std::unique_ptr<Snapshot> snapshot =
      std::make_unique<LmdbSnapshot>(std::move(lmdb), txn.release(), meta, std::move(stores));
  return snapshot;
}

}  // namespace

Result<std::unique_ptr<Snapshot>> open_snapshot(const std::filesystem::path& directory) {
  if (is_claimed_here(directory)) {
    return Error{"the state in " + directory.string() + " is in use by this process"};
  }
  if (!std::filesystem::exists(directory / kLmdbFile)) {
    return Error{"there is no state in " + directory.string()};
  }
  if (const auto damage = file_damage(directory)) {
    return Error{"the state in " + directory.string() + " cannot be read: " + *damage};
  }
  constexpr unsigned kDatabasesMax = 1024;
  auto lmdb = Lmdb::open(directory, Lmdb::Access::kRead, {0, kDatabasesMax});
  if (!lmdb) return lmdb.error();
  try {
    return snapshot_of(std::move(*lmdb), directory);
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
}

}  // namespace weir::state
