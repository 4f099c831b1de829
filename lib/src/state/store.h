// A store of one task: an overlay over a disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "state/disk.h"
#include "state/layout.h"
#include "state/overlay.h"
#include <weir/app_snapshot.h>
#include <weir/bytes_store.h>

namespace weir::state {

// How long operations of a store take, of every 64th of each kind.
struct StoreTimes {
  StepTimes gets{};
  StepTimes puts{};  // Erasing, too.
  StepTimes scans{};
};

// What operators use as BytesStore, with the side that the engine sees: dirty entries on their way
// to the changelog, restored entries on their way back. Reads look at the changes not yet
// committed, then at those not yet flushed, then at the disk.
class Store final : public BytesStore {
 public:
  using VisitDirty = Overlay::VisitDirty;

  // By Environment only.
  Store(std::string name, Disk& disk);

  std::optional<Bytes> get(Bytes key) override;
  void put(Bytes key, Bytes value) override;
  void erase(Bytes key) override;
  void scan(Bytes from, Bytes to, Visit visit) override;

  const std::string& name() const { return name_; }

  // Each key changed since the last commit or abort, once, in the order of the first changes: its
  // value, or nothing when it is erased. REQUIRES: `visit` does not change this store.
  void each_dirty(VisitDirty visit) const { overlay_.each_dirty(visit); }
  std::size_t dirty_entries() const { return overlay_.dirty_entries(); }
  std::size_t dirty_bytes() const { return overlay_.dirty_bytes(); }  // Keys and values.

  // What a record of the changelog says: `key` has this value, or none. It counts as committed.
  // REQUIRES: nothing is dirty.
  void restore(Bytes key, std::optional<Bytes> value);

  // How far the store is committed; after opening, how far it is on disk.
  const Position& position() const { return position_; }

  std::size_t overlay_bytes() const { return overlay_.bytes(); }
  // About: rows that are in memory and on disk count twice, bytes are those on disk.
  StoreUsage usage() const {
    StoreUsage usage = disk_.usage(id_);
    usage.rows += overlay_.entries();
    return usage;
  }
  const StoreTimes& times() const { return times_; }

 private:
  friend class Environment;

  const std::string name_;
  Disk& disk_;
  const Disk::StoreId id_;
  Overlay overlay_;
  Position position_;
  StoreTimes times_;
  std::uint32_t gets_ = 0;  // Operations since the start, to know which are timed.
  std::uint32_t puts_ = 0;
  std::uint32_t all_scans_ = 0;
  int scans_ = 0;  // That are running: a change would pull the rows from under them.
};

}  // namespace weir::state
