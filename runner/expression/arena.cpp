#include "expression/arena.h"

#include <algorithm>

namespace weir::expression {

char* Arena::allocate_chunk(std::size_t bytes) {
  if (bytes > kBytesMax || total_bytes_ > kBytesMax - bytes) return nullptr;
  const std::size_t size =
      std::max({bytes, kFirstChunkBytes, std::min(total_bytes_, kBytesMax - total_bytes_)});
  chunks_.push_back(std::make_unique<char[]>(size));
  newest_bytes_ = size;
  total_bytes_ += size;
  next_ = chunks_.back().get();
  left_ = size;
  return allocate(bytes);
}

void Arena::take_all_back() {
  // The newest chunk is at least as large as all before it: keeping that one alone settles.
  if (chunks_.size() > 1) {
    chunks_.front() = std::move(chunks_.back());
    chunks_.resize(1);
  }
  if (newest_bytes_ > kBytesKept) {
    chunks_.clear();
    newest_bytes_ = 0;
  }
  total_bytes_ = newest_bytes_;
  next_ = chunks_.empty() ? nullptr : chunks_.front().get();
  left_ = newest_bytes_;
}

}  // namespace weir::expression
