// The hash of keys in memory. Never stored: it may change between versions.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::detail {

__extension__ typedef unsigned __int128 Wide;

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t load_word(const char* from, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

// Multiply-and-fold over words of eight bytes; the last word may overlap the one before it.
inline std::uint64_t hash_bytes(std::string_view bytes) {
  constexpr std::uint64_t kA = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t kB = 0xd1b54a32d192ed03;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = kA ^ left;
  if (left < 8) return mix(hash ^ (left == 0 ? 0 : load_word(at, left)), kB);
  for (; left > 8; at += 8, left -= 8) hash = mix(hash ^ load_word(at, 8), kB);
  return mix(hash ^ load_word(bytes.data() + bytes.size() - 8, 8), kA);
}

}  // namespace weir::detail
