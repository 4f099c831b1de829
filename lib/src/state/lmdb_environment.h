// Opening the stores of a task on LMDB, to run it or to look at it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "state/environment.h"
#include "state/snapshot.h"
#include <weir/error.h>

namespace weir::state {

struct LmdbOptions {
  // Address space, not memory or disk. Doubled whenever it is full.
  std::size_t map_bytes = std::size_t{1} << 30;
  unsigned stores_max = 128;
  std::string boot_id{};  // Empty: that of this machine, now.
};

// Opens what is in `directory`, or begins anew. The answers to what may be found there:
//
//   nothing                                    an empty environment
//   one of ours                                as the last flush left it
//   one of ours, from another boot of the      discarded: what the machine had not yet written is
//     machine that was not closed              lost, and no one can say what that was
//   one of ours, damaged or cut off            discarded
//   one of ours, of another format version     Error: older or newer weir may still want it
//   LMDB or other files that are not ours      Error: not ours to delete
//   a directory in use, here or elsewhere      Error that names the process
//   no permission, no space                    Error
//
// Discarding deletes the files; Opening says why. Damage inside a page that neither the header nor
// the rows of meta show is not found here: it ends in a BrokenWorld or, as LMDB checks little, a
// crash; deleting the directory mends it.
Result<std::unique_ptr<Environment>> open_lmdb(const std::filesystem::path& directory,
                                               Environment::Options options = {},
                                               const LmdbOptions& lmdb_options = {});

// What open_lmdb() would find there, and an Error where it would give one but for a claim: nothing
// is claimed or changed, but for LMDB's own list of readers.
Result<Opening> look_at_lmdb(const std::filesystem::path& directory);

// Looks at the state of a task that may be running in another process, which is not disturbed. In
// the process that runs it, use Environment::snapshot(): an Error says so.
Result<std::unique_ptr<Snapshot>> open_snapshot(const std::filesystem::path& directory);

}  // namespace weir::state
