// All stores of one task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/disk.h"
#include "state/snapshot.h"
#include "state/store.h"

namespace weir::state {

// What was found when the environment was opened.
struct Opening {
  enum class How {
    kFresh,      // Nothing was there: every store is empty.
    kKept,       // Every store is as the last flush left it, at its position().
    kDiscarded,  // Something was there that cannot be trusted. Now as kFresh; `reason` says why.
  };
  How how = How::kFresh;
  std::string reason;
  // Of the topology that wrote what was kept; empty when nothing was. Whoever finds one that is not
  // theirs decides: go on, wipe(), or close without a commit, which leaves it as it was.
  std::string fingerprint;
};

// The stores of one task, on one disk. Changes go through three states:
//
//   put, erase ──commit()──> committed ──flush()──> on disk
//       └──abort()──> gone
//
// The engine writes what each_dirty() reports to the changelog, has the broker accept it, and only
// then calls commit(): the disk never holds what the changelog does not. A flush is one transaction
// with the positions of the last commit, so after a crash each store restores from there:
//
//   for (Store* store : stores) store->each_dirty(write_to_changelog);
//   producer.commit();
//   environment.commit({.stores = positions, .task = offsets});
//
// One thread owns it, but for snapshot(). Without a close() it is as if the process had crashed
// there: what was flushed is kept as long as the machine stays up.
class Environment {
 public:
  struct Options {
    std::string fingerprint{};  // Of the topology; written with the first flush.
    // Committed bytes in memory at which commit() and restored() flush by themselves.
    std::size_t flush_bytes_max = 64 << 20;
    std::size_t restore_bytes_max = 256 << 20;
  };
  struct StoreCommit {
    std::string_view store{};
    Position position{};
  };
  struct Commit {
    std::span<const StoreCommit> stores{};  // Stores not named here stay where they were.
    Bytes task{};  // The engine's own, given back by task() after a restart.
  };

  // By open_memory() and open_lmdb().
  Environment(std::unique_ptr<Disk> disk, Opening opening, Options options);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  const Opening& opening() const { return opening_; }

  // The store of that name, made when there is none; the same object each time. Names are those of
  // a valid topology. The reference is valid as long as the environment.
  Store& store(std::string_view name);

  // What is dirty becomes committed. Flushes when there is enough to flush.
  void commit(const Commit& commit);
  // What is dirty is forgotten: each store is again as the last commit left it.
  void abort();
  // What is committed goes to disk; what is dirty stays dirty. When the disk refuses, this throws
  // BrokenWorld, nothing is lost and a later flush may succeed. REQUIRES: no scan is running, here
  // and in whatever else may flush.
  void flush();

  // The records of the changelog before position.offset have been given to Store::restore. Flushes
  // when there is enough to flush.
  void restored(std::string_view store, const Position& position);

  // The bytes of the last commit.
  const std::string& task() const { return task_; }

  // Empties every store and forgets every position and the task's bytes, on disk as well.
  void wipe();
  // Flushes and marks the disk clean, so that even another boot of the machine may trust it.
  // REQUIRES: nothing is dirty; nothing is called after it.
  void close();

  // In memory and not on disk, in bytes: bounded by the limits above plus one commit.
  std::size_t overlay_bytes() const;
  // Transactions written to disk since it was opened.
  std::uint64_t flushes() const { return flushes_; }
  DiskUsage disk_usage() { return disk_->usage(); }

  // What the last flush left, for another thread. It may be called from there too.
  std::unique_ptr<Snapshot> snapshot() { return disk_->snapshot(); }

 private:
  Store& opened(std::string_view name);
  bool is_scanned() const;
  void write_committed();

  std::unique_ptr<Disk> disk_;
  const Opening opening_;
  const Options options_;
  std::vector<std::unique_ptr<Store>> stores_;
  std::string task_;
  std::uint64_t flushes_ = 0;
  bool changed_ = false;  // Since the last flush: a position or the task's bytes.
};

struct MemoryFiles;

// An environment on a disk in memory: the same contract, for tests. REQUIRES: `files` outlives it.
std::unique_ptr<Environment> open_memory(MemoryFiles& files, Environment::Options options = {});

}  // namespace weir::state
