// Memory of one record: handed out by moving a pointer, given back all at once.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir::expression {

// Once it has seen the largest record it allocates no more. One thread.
class Arena {
 public:
  static constexpr std::size_t kBytesMax = 64U << 20;  // For one record.
  static constexpr std::size_t kBytesKept = 1U << 20;  // Between records.
  static constexpr std::size_t kFirstChunkBytes = 4U << 10;

  // Memory for `bytes`, valid until reset; null when the record has had kBytesMax.
  char* allocate(std::size_t bytes) {
    if (bytes <= left_) {
      char* const start = next_;
      next_ += bytes;
      left_ -= bytes;
      return start;
    }
    return allocate_chunk(bytes);
  }

  // A copy of `text` here; false when there is no more room.
  bool copy(std::string_view text, std::string_view& into) {
    char* const start = allocate(text.size());
    if (start == nullptr) return false;
    if (!text.empty()) std::memcpy(start, text.data(), text.size());
    into = {start, text.size()};
    return true;
  }

  // Everything handed out becomes invalid.
  void reset() {
    if (left_ != newest_bytes_) take_all_back();
  }

 private:
  char* allocate_chunk(std::size_t bytes);
  void take_all_back();

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t newest_bytes_ = 0;  // Of the last chunk.
  std::size_t total_bytes_ = 0;   // Of all chunks.
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace weir::expression
