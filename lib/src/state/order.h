// The entries of an overlay in the order of their keys, for scans and flushes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weir/bytes.h>

namespace weir::state {

// Sorts on demand: entries are added at the price of a push_back and sorted in by settle(), all at
// once when they are many, one by one when they are few. Blocks keep the second cheap: a new window
// lands at the end, anything else moves at most one block.
class Order {
 public:
  // The key's bytes belong to the caller and stay where they are.
  struct Ref {
    std::uint64_t prefix = 0;  // The key's first eight bytes, big endian: decides most comparisons.
    const char* key = nullptr;
    std::uint32_t key_size = 0;
    std::uint32_t entry = 0;
  };
  struct Place {
    std::size_t block = 0;
    std::size_t at = 0;
  };

  // REQUIRES: `key` was not added before.
  void add(Bytes key, std::uint32_t entry);
  void settle();
  void clear();

  // The first entry whose key is not less than `from`. REQUIRES: settled, here and below.
  Place find(Bytes from) const;
  // The entry there, or null at the end.
  const Ref* at(Place place) const;
  Place next(Place place) const;

  std::size_t bytes() const { return settled_ * sizeof(Ref); }

 private:
  static constexpr std::size_t kBlockRefs = 128;
  struct Block {
    std::size_t size = 0;
    std::array<Ref, kBlockRefs> refs;
  };

  std::unique_ptr<Block> new_block();
  void insert(const Ref& ref);
  void split(std::size_t block);
  void rebuild();

  std::vector<std::unique_ptr<Block>> blocks_;  // None is empty.
  std::vector<std::unique_ptr<Block>> spare_;
  std::vector<Ref> added_;
  std::vector<Ref> merged_;  // Of rebuild(), kept for its memory.
  std::size_t settled_ = 0;
};

}  // namespace weir::state
