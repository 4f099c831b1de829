// The memory of operators with state: entries by time bucket and key, written back to a store when
// a commit asks for it. Every stateful operator keeps its state in one of these, so the rules of
// loading, dirtiness, expiry and abort are written once.
//
// An entry that grows (NewsEntry) has rows that say only what is new since the row before; when
// they outgrow the whole, a new whole row takes their place. Rows: detail/layout.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weir/bytes.h>
#include <weir/bytes_store.h>
#include <weir/detail/hash.h>
#include <weir/detail/key_pool.h>
#include <weir/detail/layout.h>
#include <weir/detail/table_entry.h>
#include <weir/error.h>
#include <weir/time.h>

namespace weir::detail {

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
    const std::uint64_t hash = hash_bytes(key);
    std::uint32_t at = slot_of(bucket, key, hash);
    if (at == SlotIndex::kNone) at = add_slot(bucket, key, hash);
    Slot& slot = bucket.slots[at];
    if (!slot.live) {
      slot.live = true;
      if constexpr (ReusedEntry<E>) {
        slot.entry.clear();
      } else {
        slot.entry = E{};
      }
      // What the store has of an erased entry is no beginning for this one.
      if constexpr (NewsEntry<E>) slot.news.whole_bytes = 0;
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
      if (slot.stored) erase_rows(start, slot);
    }
    if (last_ == &bucket) last_ = nullptr;
    recycle(buckets_.extract(it));
  }

  // Dirty entries go to the store.
  void write_back() {
    for (auto& [start, bucket] : buckets_) {
      for (const std::uint32_t at : bucket->dirty) write_slot(*bucket, bucket->slots[at]);
      bucket->dirty.clear();
      if (bucket->dead > bucket->slots.size() / 2 + 64) compact(*bucket);
    }
    none_dirty();
  }

  // Everything in memory is forgotten; the store has been set back to the last commit.
  void forget() {
    buckets_.clear();
    last_ = nullptr;
    none_dirty();
    find_buckets();
  }

  // Memory held, that of entries as of their last write. `shrink` gives clean buckets back, oldest
  // first, until at most `bytes_max` remain.
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
  struct NewsRows {
    std::uint32_t rows = 0;
    std::size_t bytes = 0;
    std::size_t whole_bytes = 0;
  };
  struct NoNewsRows {};
  struct Slot {
    std::string_view key;
    std::uint64_t hash = 0;
    bool live = false;          // Else erased, or never more than a place in the index.
    bool dirty = false;         // In the bucket's dirty list.
    bool stored = false;        // The store has a row of this key.
    std::uint32_t counted = 0;  // Its part of the bucket's `entry_bytes`.
    [[no_unique_address]] std::conditional_t<NewsEntry<E>, NewsRows, NoNewsRows> news{};
    E entry{};
  };
  struct Bucket {
    Timestamp start = 0;
    bool loaded = true;  // Every row of the store is in `slots`.
    bool sorted = false;
    std::size_t dead = 0;
    std::size_t entry_bytes = 0;  // Held by entries outside of themselves.
    SlotIndex index;
    std::vector<Slot> slots;
    std::vector<std::uint32_t> dirty;
    std::vector<std::uint32_t> order;
    BytesPool keys;

    std::size_t bytes() const {
      return sizeof(Bucket) + index.bytes() + keys.bytes() + slots.capacity() * sizeof(Slot) +
             (dirty.capacity() + order.capacity()) * 4 + entry_bytes;
    }
    void clear() {
      index.clear();
      slots.clear();
      dirty.clear();
      order.clear();
      keys.clear();
      sorted = false;
      dead = entry_bytes = 0;
    }
    void count(Slot& slot) {
      constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max();
      const std::size_t now = std::min<std::size_t>(slot.entry.memory(), kMax);
      entry_bytes = entry_bytes - slot.counted + now;
      slot.counted = static_cast<std::uint32_t>(now);
    }
  };

  using Buckets = std::map<Timestamp, std::unique_ptr<Bucket>>;

  Bucket* bucket_at(Timestamp start) {
    if (last_ != nullptr && last_->start == start) return last_;
    const auto it = buckets_.find(start);
    return it == buckets_.end() ? nullptr : (last_ = it->second.get());
  }
  Bucket& make_bucket(Timestamp start) {
    if (Bucket* found = bucket_at(start)) return *found;
    if (spare_.empty()) {
      last_ = buckets_.emplace(start, std::make_unique<Bucket>()).first->second.get();
    } else {
      spare_.back().key() = start;
      last_ = buckets_.insert(std::move(spare_.back())).position->second.get();
      spare_.pop_back();
    }
    last_->start = start;
    last_->loaded = true;  // find_buckets() listed every bucket that has rows.
    return *last_;
  }
  void recycle(typename Buckets::node_type node) {
    std::unique_ptr<Bucket>& bucket = node.mapped();
    if constexpr (ReusedEntry<E>) {
      for (Slot& slot : bucket->slots) {
        if (spare_entries_.size() == kSpareEntriesMax) break;
        const std::size_t bytes = slot.entry.memory();
        if (bytes > 0 && bytes < kSpareBytesMax) spare_entries_.push_back(std::move(slot.entry));
      }
    }
    bucket->clear();
    if (spare_.size() < kSpareBucketsMax && bucket->bytes() < kSpareBytesMax) {
      spare_.push_back(std::move(node));
    }
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
    if (!row) return SlotIndex::kNone;
    const std::uint32_t adopted = adopt(bucket, key, hash, *row);
    if constexpr (NewsEntry<E>) {
      Slot& slot = bucket.slots[adopted];
      while (const auto news = store_->get(news_key(bucket.start, key, slot.news.rows))) {
        adopt_news(bucket, slot, *news);
      }
    }
    return adopted;
  }
  std::uint32_t add_slot(Bucket& bucket, std::string_view key, std::uint64_t hash) {
    const auto at = static_cast<std::uint32_t>(bucket.slots.size());
    bucket.slots.emplace_back();
    bucket.slots.back().key = bucket.keys.add(key);
    bucket.slots.back().hash = hash;
    if (!spare_entries_.empty()) {
      bucket.slots.back().entry = std::move(spare_entries_.back());
      spare_entries_.pop_back();
    }
    bucket.index.add(hash, at, [&](std::uint32_t slot) { return bucket.slots[slot].hash; });
    bucket.sorted = false;
    return at;
  }
  // Takes up a row of the store.
  std::uint32_t adopt(Bucket& bucket, std::string_view key, std::uint64_t hash,
                      std::string_view row) {
    const std::uint32_t at = add_slot(bucket, key, hash);
    Slot& slot = bucket.slots[at];
    if constexpr (NewsEntry<E>) slot.news = {0, 0, row.size()};
    check_stored(slot.entry.read(row) && row.empty(), "a row of a store");
    if constexpr (NewsEntry<E>) slot.entry.told();
    slot.live = slot.stored = true;
    bucket.count(slot);
    return at;
  }
  void adopt_news(Bucket& bucket, Slot& slot, std::string_view row) {
    ++slot.news.rows;
    slot.news.bytes += row.size();
    check_stored(slot.entry.read_news(row) && row.empty(), "a row of news");
    slot.entry.told();
    bucket.count(slot);
  }
  void mark(Bucket& bucket, std::uint32_t at) {
    Slot& slot = bucket.slots[at];
    if (slot.dirty) return;
    slot.dirty = true;
    bucket.dirty.push_back(at);
    const std::size_t bytes = sizeof(Slot) + slot.key.size() + slot.entry.memory();
    dirty_bytes_ += bytes;
    store_->keep_back(bytes);
  }
  void none_dirty() {
    store_->hand_over(dirty_bytes_);
    dirty_bytes_ = 0;
  }
  void write_slot(Bucket& bucket, Slot& slot) {
    const Timestamp start = bucket.start;
    slot.dirty = false;
    bucket.count(slot);
    if (slot.live) {
      value_.clear();
      if constexpr (NewsEntry<E>) {
        write_growing(start, slot);
      } else {
        slot.entry.write(value_);
        store_->put(row_key(start, slot.key), value_);
      }
      slot.stored = true;
    } else if (slot.stored) {
      erase_rows(start, slot);
      slot.stored = false;
    }
    if (!slot.live) ++bucket.dead;
  }

  void write_growing(Timestamp start, Slot& slot) {
    NewsRows& news = slot.news;
    const bool large = slot.stored && slot.entry.has_news_rows() && news.rows < kNewsRowsMax &&
                       news.whole_bytes >= kWholeBytesMin;
    if (large) {
      slot.entry.write_news(value_);
      if (news.bytes + value_.size() <= news.whole_bytes) {
        slot.entry.told();
        news.bytes += value_.size();
        store_->put(news_key(start, slot.key, news.rows++), value_);
        return;
      }
      value_.clear();
    }
    for (; news.rows > 0; --news.rows) store_->erase(news_key(start, slot.key, news.rows - 1));
    slot.entry.write(value_);
    slot.entry.told();
    news = {0, 0, value_.size()};
    store_->put(row_key(start, slot.key), value_);
  }
  void erase_rows(Timestamp start, const Slot& slot) {
    store_->erase(row_key(start, slot.key));
    if constexpr (NewsEntry<E>) {
      for (std::uint32_t at = 0; at < slot.news.rows; ++at) {
        store_->erase(news_key(start, slot.key, at));
      }
    }
  }

  // Reads all rows of the bucket that are not in memory.
  void load(Bucket& bucket) {
    if (bucket.loaded) return;
    std::string from, to;
    append_time(from, bucket.start);
    const Timestamp end = later(bucket.start, width_ms_);
    if (end != kEndOfTime) append_time(to, end);
    const std::size_t known = bucket.slots.size();  // With all their rows.
    store_->scan(from, to, [&](Bytes row, Bytes value) {
      Bytes key = row.substr(kTimeBytes);
      bool is_news = false;  // They come behind all whole rows.
      if constexpr (NewsEntry<E>) {
        is_news = key.front() == kNews;
        key.remove_prefix(1);
        if (is_news) key.remove_suffix(sizeof(std::uint32_t));
      }
      const std::uint64_t hash = hash_bytes(key);
      const std::uint32_t at = bucket.index.find(hash, [&](std::uint32_t slot) {
        return bucket.slots[slot].hash == hash && bucket.slots[slot].key == key;
      });
      if constexpr (NewsEntry<E>) {
        check_stored(!is_news || at != SlotIndex::kNone, "news of a row that is not there");
        if (is_news && at >= known) adopt_news(bucket, bucket.slots[at], value);
      }
      if (at == SlotIndex::kNone) adopt(bucket, key, hash, value);
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
      const std::uint32_t at = add_slot(fresh, slot.key, slot.hash);
      fresh.slots[at].live = true;
      fresh.slots[at].stored = slot.stored;
      fresh.slots[at].news = slot.news;
      fresh.slots[at].entry = std::move(slot.entry);
      fresh.count(fresh.slots[at]);
    }
    bucket = std::move(fresh);
  }
  std::string_view row_key(Timestamp start, std::string_view key) {
    row_.clear();
    append_time(row_, start);
    if constexpr (NewsEntry<E>) row_.push_back(kWhole);
    row_ += key;
    return row_;
  }

  std::string_view news_key(Timestamp start, std::string_view key, std::uint32_t number) {
    row_key(start, key);
    row_[kTimeBytes] = kNews;
    for (int shift = 24; shift >= 0; shift -= 8) row_.push_back(static_cast<char>(number >> shift));
    return row_;
  }

  static constexpr char kWhole = 0, kNews = 1;
  static constexpr std::size_t kWholeBytesMin = 256;  // A smaller row is written whole.
  static constexpr std::uint32_t kNewsRowsMax = 64;
  static constexpr std::size_t kSpareBucketsMax = 8;
  static constexpr std::size_t kSpareEntriesMax = 64;
  static constexpr std::size_t kSpareBytesMax = 1 << 20;

  const std::int64_t width_ms_;
  BytesStore* store_ = nullptr;
  Buckets buckets_;
  Bucket* last_ = nullptr;  // The bucket of the last call: most calls stay in one.
  std::vector<typename Buckets::node_type> spare_;  // Dropped buckets, for their memory.
  std::vector<E> spare_entries_;                    // Of dropped buckets, for theirs.
  std::size_t dirty_bytes_ = 0;                     // As the store was told of them.
  std::string row_, value_;                         // Scratch.
};

}  // namespace weir::detail
