// The memory of operators with state: entries by time bucket and key, written back to a store when
// a commit asks for it. Every stateful operator keeps its state in one of these, so the rules of
// loading, dirtiness, expiry and abort are written once.
//
// Row in the store: key = time(bucket start) key-bytes; value = the entry's own bytes.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/bytes.h>
#include <weir/bytes_store.h>
#include <weir/detail/hash.h>
#include <weir/detail/key_pool.h>
#include <weir/error.h>
#include <weir/time.h>

namespace weir::detail {

// An entry writes itself, reads itself back and says how much memory it holds outside of itself.
template <class E>
concept TableEntry = std::movable<E> && std::default_initializable<E> &&
    requires(E& entry, const E& same, std::string& out, std::string_view& in) {
  same.write(out);
  { entry.read(in) } -> std::same_as<bool>;
  { same.memory() } -> std::convertible_to<std::size_t>;
};

// The start of the span of `width_ms` that holds `time`.
inline Timestamp floor_to(Timestamp time, std::int64_t width_ms) {
  if (time == kNoTime || time == kEndOfTime) return time;
  const std::int64_t rest = time % width_ms;
  return later(time, -(rest < 0 ? rest + width_ms : rest));
}

template <TableEntry E>
class TimedTable {
 public:
  // Buckets are `width` wide: entries of one bucket are loaded, listed and dropped together.
  explicit TimedTable(Duration width) : width_ms_(std::max<std::int64_t>(1, width.count())) {}

  // Takes up what the store holds. REQUIRES: called once, before anything else.
  void open(BytesStore& store) {
    store_ = &store;
    find_buckets();
  }

  Timestamp bucket_of(Timestamp time) const { return floor_to(time, width_ms_); }
  std::int64_t width_ms() const { return width_ms_; }

  // The entry of `key` in the bucket that starts at `start`, or null. Valid until the next call.
  E* find(Timestamp start, std::string_view key) {
    Bucket* bucket = bucket_at(start);
    if (bucket == nullptr) return nullptr;
    const std::uint32_t at = slot_of(*bucket, key);
    return at == SlotIndex::kNone || !bucket->slots[at].live ? nullptr : &bucket->slots[at].entry;
  }

  // The same, made when absent, and dirty. Valid until the next call.
  E& at(Timestamp start, std::string_view key) {
    Bucket& bucket = make_bucket(start);
    std::uint32_t at = slot_of(bucket, key);
    if (at == SlotIndex::kNone) at = add_slot(bucket, key);
    Slot& slot = bucket.slots[at];
    if (!slot.live) {
      slot.live = true;
      slot.entry = E{};
    }
    mark(bucket, at);
    return slot.entry;
  }

  // Finds `key` in any bucket, newest first: for entries whose bucket the caller does not know.
  // `start` is set to its bucket.
  E* find_anywhere(std::string_view key, Timestamp& start) {
    const std::uint64_t hash = hash_bytes(key);
    for (auto it = buckets_.rbegin(); it != buckets_.rend(); ++it) {
      Bucket& bucket = *it->second;
      const std::uint32_t at = slot_of(bucket, key, hash);
      if (at == SlotIndex::kNone || !bucket.slots[at].live) continue;
      start = it->first;
      return &bucket.slots[at].entry;
    }
    return nullptr;
  }

  void erase(Timestamp start, std::string_view key) {
    Bucket* bucket = bucket_at(start);
    if (bucket == nullptr) return;
    const std::uint32_t at = slot_of(*bucket, key);
    if (at == SlotIndex::kNone || !bucket->slots[at].live) return;
    bucket->slots[at].live = false;
    bucket->slots[at].entry = E{};
    mark(*bucket, at);
  }

  // Calls `visit(key, entry)` for each entry of a bucket in the order of the keys' bytes.
  // REQUIRES: `visit` adds nothing to this table; it may change the entry only via at().
  template <class F>
  void each(Timestamp start, F visit) {
    Bucket* bucket = bucket_at(start);
    if (bucket == nullptr) return;
    load(*bucket);
    sort(*bucket);
    for (const std::uint32_t at : bucket->order) {
      Slot& slot = bucket->slots[at];
      if (slot.live) visit(slot.key, slot.entry);
    }
  }

  // The same in no order.
  template <class F>
  void each_unordered(Timestamp start, F visit) {
    Bucket* bucket = bucket_at(start);
    if (bucket == nullptr) return;
    load(*bucket);
    for (Slot& slot : bucket->slots) {
      if (slot.live) visit(slot.key, slot.entry);
    }
  }

  // Starts of the buckets that hold or may hold entries, oldest first.
  bool empty() const { return buckets_.empty(); }
  Timestamp first_bucket() const { return buckets_.empty() ? kEndOfTime : buckets_.begin()->first; }
  Timestamp last_bucket() const { return buckets_.empty() ? kNoTime : buckets_.rbegin()->first; }
  // The first bucket that starts at or after `time`; kEndOfTime when there is none.
  Timestamp next_bucket(Timestamp time) const {
    const auto it = buckets_.lower_bound(time);
    return it == buckets_.end() ? kEndOfTime : it->first;
  }

  // Erases a bucket with all its entries, in the store as well.
  void drop(Timestamp start) {
    const auto it = buckets_.find(start);
    if (it == buckets_.end()) return;
    Bucket& bucket = *it->second;
    load(bucket);  // Rows that were never loaded must be erased by name as well.
    for (const Slot& slot : bucket.slots) {
      if (slot.stored) store_->erase(row_key(start, slot.key));
    }
    if (last_ == &bucket) last_ = nullptr;
    recycle(std::move(it->second));
    buckets_.erase(it);
  }

  // Dirty entries go to the store.
  void write_back() {
    for (auto& [start, bucket] : buckets_) {
      for (const std::uint32_t at : bucket->dirty) write_slot(start, bucket->slots[at]);
      bucket->dirty.clear();
      if (bucket->dead > bucket->slots.size() / 2 + 64) compact(*bucket);
    }
  }

  // Everything in memory is forgotten; the store has been set back to the last commit.
  void forget() {
    buckets_.clear();
    last_ = nullptr;
    find_buckets();
  }

  // Memory held. `shrink` gives clean buckets back, oldest first, until at most `bytes_max` remain.
  std::size_t bytes() const {
    std::size_t all = 0;
    for (const auto& [start, bucket] : buckets_) all += bucket->bytes();
    return all;
  }
  void shrink(std::size_t bytes_max) {
    std::size_t now = bytes();
    for (auto it = buckets_.begin(); it != buckets_.end() && now > bytes_max; ++it) {
      Bucket& bucket = *it->second;
      if (!bucket.dirty.empty()) continue;
      now -= bucket.bytes();
      bucket.clear();
      bucket.loaded = false;
    }
  }

 private:
  struct Slot {
    std::string_view key;
    std::uint64_t hash = 0;
    bool live = false;    // Else erased, or never more than a place in the index.
    bool dirty = false;   // In the bucket's dirty list.
    bool stored = false;  // The store has a row of this key.
    E entry{};
  };
  struct Bucket {
    Timestamp start = 0;
    bool loaded = true;  // Every row of the store is in `slots`.
    bool sorted = false;
    std::size_t dead = 0;
    SlotIndex index;
    std::vector<Slot> slots;
    std::vector<std::uint32_t> dirty;
    std::vector<std::uint32_t> order;
    BytesPool keys;

    std::size_t bytes() const {
      std::size_t all = sizeof(Bucket) + index.bytes() + keys.bytes();
      all += slots.capacity() * sizeof(Slot) + (dirty.capacity() + order.capacity()) * 4;
      for (const Slot& slot : slots) all += slot.entry.memory();
      return all;
    }
    void clear() {
      index.clear();
      slots.clear();
      dirty.clear();
      order.clear();
      keys.clear();
      sorted = false;
      dead = 0;
    }
  };

  Bucket* bucket_at(Timestamp start) {
    if (last_ != nullptr && last_->start == start) return last_;
    const auto it = buckets_.find(start);
    if (it == buckets_.end()) return nullptr;
    return last_ = it->second.get();
  }
  Bucket& make_bucket(Timestamp start) {
    if (Bucket* found = bucket_at(start)) return *found;
    std::unique_ptr<Bucket> fresh = std::move(spare_);
    if (!fresh) fresh = std::make_unique<Bucket>();
    fresh->start = start;
    fresh->loaded = true;  // find_buckets() listed every bucket that has rows.
    last_ = fresh.get();
    buckets_.emplace(start, std::move(fresh));
    return *last_;
  }
  void recycle(std::unique_ptr<Bucket> bucket) {
    if (spare_ && spare_->slots.capacity() >= bucket->slots.capacity()) return;
    bucket->clear();
    spare_ = std::move(bucket);
  }

  // The slot of a key, read from the store when the bucket is not loaded.
  std::uint32_t slot_of(Bucket& bucket, std::string_view key) {
    return slot_of(bucket, key, hash_bytes(key));
  }
  std::uint32_t slot_of(Bucket& bucket, std::string_view key, std::uint64_t hash) {
    const std::uint32_t at = bucket.index.find(hash, [&](std::uint32_t slot) {
      return bucket.slots[slot].hash == hash && bucket.slots[slot].key == key;
    });
    if (at != SlotIndex::kNone || bucket.loaded) return at;
    const std::optional<Bytes> row = store_->get(row_key(bucket.start, key));
    return row ? adopt(bucket, key, *row) : SlotIndex::kNone;
  }
  std::uint32_t add_slot(Bucket& bucket, std::string_view key) {
    const auto at = static_cast<std::uint32_t>(bucket.slots.size());
    const std::uint64_t hash = hash_bytes(key);
    bucket.slots.emplace_back();
    bucket.slots.back().key = bucket.keys.add(key);
    bucket.slots.back().hash = hash;
    bucket.index.add(hash, at, [&](std::uint32_t slot) { return bucket.slots[slot].hash; });
    bucket.sorted = false;
    return at;
  }
  // Takes up a row of the store.
  std::uint32_t adopt(Bucket& bucket, std::string_view key, std::string_view row) {
    const std::uint32_t at = add_slot(bucket, key);
    Slot& slot = bucket.slots[at];
    check(slot.entry.read(row) && row.empty(), "a row of a store cannot be read back");
    slot.live = slot.stored = true;
    return at;
  }
  void mark(Bucket& bucket, std::uint32_t at) {
    Slot& slot = bucket.slots[at];
    if (slot.dirty) return;
    slot.dirty = true;
    bucket.dirty.push_back(at);
  }
  void write_slot(Timestamp start, Slot& slot) {
    slot.dirty = false;
    if (slot.live) {
      value_.clear();
      slot.entry.write(value_);
      store_->put(row_key(start, slot.key), value_);
      slot.stored = true;
    } else if (slot.stored) {
      store_->erase(row_key(start, slot.key));
      slot.stored = false;
    }
    if (!slot.live) ++buckets_.find(start)->second->dead;
  }

  // Reads all rows of the bucket that are not in memory.
  void load(Bucket& bucket) {
    if (bucket.loaded) return;
    std::string from, to;
    append_time(from, bucket.start);
    const Timestamp end = later(bucket.start, width_ms_);
    if (end != kEndOfTime) append_time(to, end);
    store_->scan(from, to, [&](Bytes row, Bytes value) {
      const Bytes key = row.substr(kTimeBytes);
      const std::uint64_t hash = hash_bytes(key);
      const std::uint32_t at = bucket.index.find(hash, [&](std::uint32_t slot) {
        return bucket.slots[slot].hash == hash && bucket.slots[slot].key == key;
      });
      if (at == SlotIndex::kNone) adopt(bucket, key, value);
      return true;
    });
    bucket.loaded = true;
  }
  void sort(Bucket& bucket) {
    if (bucket.sorted) return;
    bucket.order.resize(bucket.slots.size());
    for (std::uint32_t at = 0; at < bucket.order.size(); ++at) bucket.order[at] = at;
    std::sort(bucket.order.begin(), bucket.order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return bucket.slots[a].key < bucket.slots[b].key;
    });
    bucket.sorted = true;
  }
  // Lists the buckets of the store, one look-up each.
  void find_buckets() {
    std::string from(kTimeBytes, '\0');
    for (bool found = true; found;) {
      found = false;
      Timestamp start = 0;
      store_->scan(from, {}, [&](Bytes row, Bytes) {
        found = row.size() >= kTimeBytes && read_time(row, start);
        return false;
      });
      if (!found) return;
      auto bucket = std::make_unique<Bucket>();
      bucket->start = start;
      bucket->loaded = false;
      buckets_.emplace(start, std::move(bucket));
      from.clear();
      append_time(from, later(start, width_ms_));
      if (later(start, width_ms_) == kEndOfTime) return;
    }
  }
  // Gives the places of erased entries back: for buckets that live long.
  void compact(Bucket& bucket) {
    Bucket fresh;
    fresh.start = bucket.start;
    fresh.loaded = bucket.loaded;
    for (Slot& slot : bucket.slots) {
      if (!slot.live) continue;
      const std::uint32_t at = add_slot(fresh, slot.key);
      fresh.slots[at].live = true;
      fresh.slots[at].stored = slot.stored;
      fresh.slots[at].entry = std::move(slot.entry);
    }
    bucket = std::move(fresh);
  }
  std::string_view row_key(Timestamp start, std::string_view key) {
    row_.clear();
    append_time(row_, start);
    row_ += key;
    return row_;
  }

  const std::int64_t width_ms_;
  BytesStore* store_ = nullptr;
  std::map<Timestamp, std::unique_ptr<Bucket>> buckets_;
  Bucket* last_ = nullptr;         // The bucket of the last call: most calls stay in one.
  std::unique_ptr<Bucket> spare_;  // A dropped bucket, for its memory.
  std::string row_;                // Scratch.
  std::string value_;
};

}  // namespace weir::detail
