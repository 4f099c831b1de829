// A copy of a text with NULs behind it, so that it can be read in blocks, without a test for its
// end before each byte: the end is a byte that fits nowhere in JSON. Copying a record costs a few
// instructions per 32 bytes; testing for the end costs them per field.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace weir::json {

class PaddedText {
 public:
  static constexpr std::size_t kPadding = 64;

  // `original` stays the caller's and is what `in_original` points into.
  void assign(std::string_view original) {
    if (original.size() > capacity_) grow(original.size());
    if (!original.empty()) std::memcpy(bytes_.get(), original.data(), original.size());
    std::memset(bytes_.get() + original.size(), 0, kPadding);
    original_ = original;
  }

  const char* begin() const { return bytes_.get(); }
  const char* end() const { return bytes_.get() + original_.size(); }
  std::string_view original() const { return original_; }
  std::size_t offset(const char* at) const { return static_cast<std::size_t>(at - begin()); }

  std::string_view in_original(const char* from, const char* to) const {
    return {original_.data() + (from - begin()), static_cast<std::size_t>(to - from)};
  }

 private:
  void grow(std::size_t size) {
    capacity_ = size < 512 ? 1024 : size * 2;
    bytes_ = std::make_unique<char[]>(capacity_ + kPadding);
  }

  std::unique_ptr<char[]> bytes_ = std::make_unique<char[]>(kPadding);
  std::size_t capacity_ = 0;
  std::string_view original_;
};

}  // namespace weir::json
