// The part of a store that is in memory: changes not yet committed over changes not yet flushed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "state/arena.h"
#include "state/disk.h"
#include "state/order.h"
#include <weir/bytes.h>
#include <weir/function_ref.h>

namespace weir::state {

// Two layers in one table. A change is dirty until commit() makes it committed or abort() forgets
// it; a committed change stays until forget_committed(), after it was written to disk. Each entry
// keeps two places for values and lets the layers swap them, so that a key that changes at every
// commit needs no new memory.
class Overlay {
 public:
  using VisitDirty = FunctionRef<void(Bytes key, std::optional<Bytes> value)>;

  // What the overlay knows of a key: nothing, a value, or that it is erased.
  struct Found {
    bool known = false;
    std::optional<Bytes> value;
  };

  Found find(Bytes key) const;

  void put(Bytes key, Bytes value);
  void erase(Bytes key);
  // Straight into the committed layer: what a changelog says. REQUIRES: nothing is dirty.
  void restore(Bytes key, std::optional<Bytes> value);

  void commit();
  void abort();
  // Each dirty key once, in the order of its first change since the last commit or abort.
  void each_dirty(VisitDirty visit) const;

  // The committed layer by key, into `rows`. Views: valid until the next change.
  void committed_rows(std::vector<Row>& rows);
  void forget_committed();
  void clear();

  std::size_t entries() const { return entries_.size(); }
  bool has_committed() const { return committed_ > 0; }
  std::size_t dirty_entries() const { return dirty_.size(); }
  std::size_t dirty_bytes() const { return dirty_bytes_; }  // Keys and values.
  std::size_t bytes() const;                                // Memory in use.

  // Goes through the known keys in order, newest layer first. Valid until the next change.
  class Walk {
   public:
    bool at_end() const { return ref_ == nullptr; }
    Bytes key() const { return {ref_->key, ref_->key_size}; }
    std::optional<Bytes> value() const { return overlay_->entries_[ref_->entry].newest().value; }
    void next();

   private:
    friend class Overlay;
    Walk(const Overlay& overlay, Order::Place place);
    void skip_unknown();

    const Overlay* overlay_;
    Order::Place place_;
    const Order::Ref* ref_;
  };
  Walk walk(Bytes from);

 private:
  enum class Layer : std::uint8_t { kNothing, kValue, kErased };

  struct Place {
    char* bytes = nullptr;
    std::uint32_t size = 0;
    std::uint32_t room = 0;
  };

  struct Entry {
    const char* key = nullptr;
    std::uint32_t key_size = 0;
    std::uint32_t hash = 0;
    Place places[2];
    std::uint8_t committed_place = 0;
    Layer committed = Layer::kNothing;
    Layer dirty = Layer::kNothing;

    Bytes key_bytes() const { return {key, key_size}; }
    Bytes committed_bytes() const;
    Bytes dirty_bytes() const;
    Found newest() const;
  };

  const Entry* lookup(Bytes key, std::uint32_t hash) const;
  Entry& entry_of(Bytes key);
  Entry& dirty_entry_of(Bytes key);
  void write(Place& place, Bytes value);
  void rehash(std::size_t slots);
  void settle();

  Arena arena_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> slots_;  // hash << 32 | entry + 1, or 0. A power of two of them.
  std::vector<std::uint32_t> dirty_;
  Order order_;
  std::size_t ordered_ = 0;  // So many of entries_ are in order_.
  std::size_t committed_ = 0;
  std::size_t dirty_bytes_ = 0;
};

}  // namespace weir::state
