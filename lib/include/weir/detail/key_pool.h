// Keys that live together and go together: bytes in blocks that never move, found by hash.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::detail {

// Bytes that stay where they are until `clear`, which keeps the memory for the next use.
class BytesPool {
 public:
  std::string_view add(std::string_view bytes) {
    if (bytes.size() > free_) grow(bytes.size());
    char* to = next_;
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    next_ += bytes.size();
    free_ -= bytes.size();
    return {to, bytes.size()};
  }
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    next_ = blocks_.empty() ? nullptr : blocks_.back().bytes.get();
    free_ = blocks_.empty() ? 0 : blocks_.back().size;
    held_ = free_;
  }
  std::size_t bytes() const { return held_; }

 private:
  static constexpr std::size_t kFirstBlock = 1024;
  static constexpr std::size_t kBlockMax = 256 * 1024;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  void grow(std::size_t wanted) {
    std::size_t size = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kBlockMax);
    if (size < wanted) size = wanted;
    blocks_.push_back({std::make_unique<char[]>(size), size});
    next_ = blocks_.back().bytes.get();
    free_ = size;
    held_ += size;
  }
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t free_ = 0;
  std::size_t held_ = 0;
};

// Slot numbers by hash: open addressing, no deletion (a dead slot stays found by its key).
class SlotIndex {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // The slot for which `is(slot)` holds among those of this hash, or kNone.
  template <class Is>
  std::uint32_t find(std::uint64_t hash, Is is) const {
    if (table_.empty()) return kNone;
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Cell& cell = table_[at];
      if (cell.slot == kNone) return kNone;
      if (cell.tag == tag(hash) && is(cell.slot)) return cell.slot;
    }
  }
  // REQUIRES: no slot with this key is there. `hash_of(slot)` is asked for when the table grows.
  template <class HashOf>
  void add(std::uint64_t hash, std::uint32_t slot, HashOf hash_of) {
    if ((used_ + 1) * 4 > table_.size() * 3) grow(hash_of);
    place(hash, slot);
    ++used_;
  }
  void clear() {
    for (Cell& cell : table_) cell.slot = kNone;
    used_ = 0;
  }
  std::size_t bytes() const { return table_.size() * sizeof(Cell); }

 private:
  struct Cell {
    std::uint32_t tag = 0;
    std::uint32_t slot = kNone;
  };
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  void place(std::uint64_t hash, std::uint32_t slot) {
    std::size_t at = hash & mask_;
    while (table_[at].slot != kNone) at = (at + 1) & mask_;
    table_[at] = {tag(hash), slot};
  }
  template <class HashOf>
  void grow(HashOf hash_of) {
    std::vector<Cell> old = std::move(table_);
    table_.assign(old.empty() ? 16 : old.size() * 2, Cell{});
    mask_ = table_.size() - 1;
    for (const Cell& cell : old) {
      if (cell.slot != kNone) place(hash_of(cell.slot), cell.slot);
    }
  }
  std::vector<Cell> table_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

}  // namespace weir::detail
