// The hash of the tables in memory. Not for disk: see layout.h for the one that is.
#pragma once

#include <cstdint>
#include <cstring>

#include <weir/bytes.h>

namespace weir::state {

// Multiplies 8 bytes at a time into 128 bits and folds them, which is what one multiplication of
// the processor gives for free.
inline std::uint64_t hash_bytes(Bytes bytes) {
  constexpr std::uint64_t kOdd1 = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t kOdd2 = 0xd6e8feb86659fd93;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::uint64_t hash = kOdd1 ^ bytes.size();
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = fold(hash ^ word, kOdd2);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);
  return fold(hash ^ tail ^ kOdd2, kOdd1);
}

}  // namespace weir::state
