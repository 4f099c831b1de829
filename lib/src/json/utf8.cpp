#include "json/utf8.h"

#include <cstring>

namespace weir::json {
namespace {

constexpr bool is_continuation(unsigned char c) { return (c & 0xc0) == 0x80; }

// The bytes of the character that starts at `at`, 0 when it is not valid. The second byte decides
// about overlong forms, surrogates and the upper end.
std::size_t character_size(const unsigned char* at, std::size_t left) {
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || left < 2) return 0;
  const unsigned char second = at[1];
  if (first < 0xe0) return is_continuation(second) ? 2 : 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (second < low || second > high) return 0;
  const std::size_t size = first < 0xf0 ? 3 : 4;
  if (left < size) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (!is_continuation(at[i])) return 0;
  }
  return size;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  for (std::size_t at = 0; at < size;) {
    std::uint64_t eight = 0;
    while (at + sizeof(eight) <= size) {
      std::memcpy(&eight, bytes + at, sizeof(eight));
      if ((eight & 0x8080808080808080U) != 0) break;
      at += sizeof(eight);
    }
    if (at == size) break;
    const std::size_t step = character_size(bytes + at, size - at);
    if (step == 0) return at;
    at += step;
  }
  return std::string_view::npos;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    return put(0x80 | (code_point & 0x3f));
  }
  if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
  }
  put(0x80 | (code_point >> 6 & 0x3f));
  put(0x80 | (code_point & 0x3f));
}

}  // namespace weir::json
