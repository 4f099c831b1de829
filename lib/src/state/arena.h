// Memory for the bytes of an overlay: taken piece by piece, given back all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <weir/bytes.h>

namespace weir::state {

// What it gave out stays where it is until clear(). After a clear it reuses its memory, so a store
// that fills and flushes at a steady rate allocates nothing.
class Arena {
 public:
  // `size` bytes, uninitialised and unaligned.
  char* take(std::size_t size);
  Bytes copy(Bytes bytes);

  void clear();
  std::size_t bytes() const { return taken_; }  // Taken since the last clear.

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  char* take_from_next_chunk(std::size_t size);

  std::vector<Chunk> chunks_;  // Those before `current_` are full.
  std::size_t current_ = 0;
  std::size_t used_ = 0;  // Of chunks_[current_].
  std::size_t taken_ = 0;
};

}  // namespace weir::state
