#include "state/arena.h"

#include <algorithm>
#include <cstring>

namespace weir::state {
namespace {

// A job has hundreds of stores, most of them small: start small, grow to what large ones want.
constexpr std::size_t kFirstChunkBytes = 4 << 10;
constexpr std::size_t kChunkBytesMax = 256 << 10;

}  // namespace

char* Arena::take(std::size_t size) {
  if (current_ >= chunks_.size() || chunks_[current_].size - used_ < size) {
    return take_from_next_chunk(size);
  }
  char* bytes = chunks_[current_].bytes.get() + used_;
  used_ += size;
  taken_ += size;
  return bytes;
}

char* Arena::take_from_next_chunk(std::size_t size) {
  std::size_t next = chunks_.empty() ? 0 : current_ + 1;
  if (next >= chunks_.size() || chunks_[next].size < size) {
    const std::size_t usual =
        chunks_.empty() ? kFirstChunkBytes : std::min(chunks_.back().size * 2, kChunkBytesMax);
    Chunk chunk{nullptr, std::max(size, usual)};
    chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.size);
    chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(next), std::move(chunk));
  }
  current_ = next;
  used_ = size;
  taken_ += size;
  return chunks_[current_].bytes.get();
}

Bytes Arena::copy(Bytes bytes) {
  char* to = take(bytes.size());
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return {to, bytes.size()};
}

void Arena::clear() {
  // One value of many megabytes must not stay reserved for ever.
  std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.size > kChunkBytesMax; });
  current_ = 0;
  used_ = 0;
  taken_ = 0;
}

}  // namespace weir::state
