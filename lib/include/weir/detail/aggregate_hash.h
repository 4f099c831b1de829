// The hashes behind distinct counts. HyperLogLog registers are state, so these functions are a
// format: the same input gives the same 64 bits on every machine and in every version.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <weir/detail/hash.h>

namespace weir::detail {

inline std::uint64_t hash_int(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Both halves of the full product, folded together: each input bit reaches every output bit.
inline std::uint64_t fold_product(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// The bytes as a little-endian number, whatever the machine.
template <std::size_t N>
std::uint64_t load_bytes(const char* bytes) {
  std::uint64_t value = 0;
  if constexpr (std::endian::native == std::endian::little) {  // One load.
    std::memcpy(&value, bytes, N);
  } else {
    for (std::size_t i = 0; i < N; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
  }
  return value;
}

inline std::uint64_t lasting_hash(std::string_view bytes) {
  constexpr std::uint64_t k0 = 0x8f9b1d4c7a3e5621;
  constexpr std::uint64_t k1 = 0xd1b54a32d192ed03;
  constexpr std::uint64_t k2 = 0xa24baed4963ee407;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = bytes.size() ^ k0;
  for (; left > 16; left -= 16, at += 16) {
    hash = fold_product(load_bytes<8>(at) ^ k1, load_bytes<8>(at + 8) ^ hash) + k2;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {  // The two loads overlap where there are fewer than 16 bytes.
    low = load_bytes<8>(at);
    high = load_bytes<8>(at + left - 8);
  } else if (left >= 4) {
    low = load_bytes<4>(at);
    high = load_bytes<4>(at + left - 4);
  } else if (left > 0) {
    low = load_bytes<1>(at) | load_bytes<1>(at + left / 2) << 8;
    high = load_bytes<1>(at + left - 1);
  }
  hash = fold_product(low ^ k1, high ^ hash);
  return fold_product(hash ^ k2, bytes.size() ^ k1);
}

}  // namespace weir::detail
