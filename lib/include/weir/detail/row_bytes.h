// Bytes of rows in memory: short ones lie in the object, longer ones in blocks that go round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::detail {

// An owned run of bytes that costs no allocation in steady state: blocks given back are kept by the
// thread for the next row. Blocks may be given back on another thread than the one they came from.
class RowBytes {
 public:
  RowBytes() = default;
  explicit RowBytes(std::string_view bytes) { assign(bytes); }
  RowBytes(RowBytes&& other) noexcept { take(other); }
  RowBytes& operator=(RowBytes&& other) noexcept {
    if (this == &other) return *this;
    release();
    take(other);
    return *this;
  }
  RowBytes(const RowBytes&) = delete;
  RowBytes& operator=(const RowBytes&) = delete;
  ~RowBytes() { release(); }

  std::string_view view() const { return {bytes(), size_}; }
  bool empty() const { return size_ == 0; }
  // REQUIRES: at < view().size().
  char& operator[](std::size_t at) { return bytes()[at]; }

  // REQUIRES of both: `from` does not lie in this object.
  void assign(std::string_view from) {
    if (from.size() <= kInlineBytes) {  // The block goes to a row that needs it.
      release();
      capacity_ = kInlineBytes;
    }
    size_ = 0;
    append(from);
  }
  void append(std::string_view from) {
    if (from.size() > capacity_ - size_) grow(from.size());
    if (!from.empty()) std::memcpy(bytes() + size_, from.data(), from.size());
    size_ += from.size();
  }

  // As an entry of a TimedTable: the whole row.
  void write(std::string& out) const { out += view(); }
  bool read(std::string_view& in) {
    assign(in);
    in = {};
    return true;
  }
  std::size_t memory() const { return is_inline() ? 0 : capacity_; }

 private:
  static constexpr std::size_t kInlineBytes = 48;

  bool is_inline() const { return capacity_ == kInlineBytes; }
  const char* bytes() const { return is_inline() ? inline_ : block_; }
  char* bytes() { return is_inline() ? inline_ : block_; }
  void take(RowBytes& other) {
    std::memcpy(inline_, other.inline_, kInlineBytes);  // The pointer to a block lies in it, too.
    size_ = other.size_;
    capacity_ = other.capacity_;
    other.size_ = 0;
    other.capacity_ = kInlineBytes;
  }
  void release() {
    if (!is_inline()) give_back(block_, capacity_);
  }
  void grow(std::size_t more);
  static void give_back(char* block, std::size_t bytes);

  std::size_t size_ = 0;
  std::size_t capacity_ = kInlineBytes;
  union {
    char inline_[kInlineBytes] = {};
    char* block_;
  };
};

}  // namespace weir::detail
