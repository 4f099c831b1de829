#include <algorithm>
#include <array>
#include <bit>
#include <new>

#include <weir/detail/row_bytes.h>

namespace weir::detail {

namespace {

constexpr std::size_t kBlockBytesMin = 64;
constexpr std::size_t kSizes = 11;  // 64 bytes to 64 KB; larger blocks are not kept.
constexpr std::size_t kKeptBytesMax = 16 * 1024 * 1024;

// Free blocks of one thread, by size. A free block holds the pointer to the next one.
class FreeBlocks {
 public:
  FreeBlocks() = default;
  FreeBlocks(const FreeBlocks&) = delete;
  FreeBlocks& operator=(const FreeBlocks&) = delete;
  ~FreeBlocks();

  char* take(std::size_t bytes) {
    const std::size_t size = size_of(bytes);
    if (size >= kSizes || heads_[size] == nullptr) return static_cast<char*>(::operator new(bytes));
    char* block = heads_[size];
    std::memcpy(&heads_[size], block, sizeof(char*));
    kept_bytes_ -= bytes;
    return block;
  }
  void give_back(char* block, std::size_t bytes) {
    const std::size_t size = size_of(bytes);
    if (size >= kSizes || kept_bytes_ + bytes > kKeptBytesMax) return ::operator delete(block);
    std::memcpy(block, &heads_[size], sizeof(char*));
    heads_[size] = block;
    kept_bytes_ += bytes;
  }

 private:
  static std::size_t size_of(std::size_t bytes) {
    return static_cast<std::size_t>(std::bit_width(bytes / kBlockBytesMin)) - 1;
  }
  std::array<char*, kSizes> heads_{};
  std::size_t kept_bytes_ = 0;
};

// Rows may outlive the thread's free blocks at the end of the program: they are freed at once then.
thread_local bool blocks_are_gone = false;
thread_local FreeBlocks free_blocks;

FreeBlocks::~FreeBlocks() {
  blocks_are_gone = true;
  for (char* head : heads_) {
    while (head != nullptr) {
      char* next = nullptr;
      std::memcpy(&next, head, sizeof(char*));
      ::operator delete(head);
      head = next;
    }
  }
}

char* take_block(std::size_t bytes) {
  if (blocks_are_gone) return static_cast<char*>(::operator new(bytes));
  return free_blocks.take(bytes);
}

}  // namespace

void RowBytes::grow(std::size_t more) {
  const std::size_t wanted = std::bit_ceil(std::max(size_ + more, kBlockBytesMin));
  char* block = take_block(wanted);
  if (size_ > 0) std::memcpy(block, bytes(), size_);
  release();
  block_ = block;
  capacity_ = wanted;
}

void RowBytes::give_back(char* block, std::size_t bytes) {
  if (blocks_are_gone) return ::operator delete(block);
  free_blocks.give_back(block, bytes);
}

}  // namespace weir::detail
