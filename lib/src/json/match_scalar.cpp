// Eight bytes at a time in a plain register: for processors without anything better, and the
// yardstick for the others.
#include <bit>

#include "json/match.h"
#include "json/number.h"
#include "json/text.h"

namespace weir::json {
namespace {

struct EightBytes {
  using Block = std::uint64_t;
  static constexpr int kWidth = 8;
  static constexpr std::uint64_t kOnes = 0x0101010101010101U;
  static constexpr std::uint64_t kHighs = 0x8080808080808080U;

  static Block none() { return 0; }
  static Block high() { return kHighs; }
  static Block load(const char* at) {
    Block block = 0;
    std::memcpy(&block, at, sizeof(block));
    return std::endian::native == std::endian::little ? block : __builtin_bswap64(block);
  }
  static Block join(Block a, Block b) { return a | b; }
  static bool has_high(Block block) { return (block & kHighs) != 0; }

  // Of the bits that are set only the lowest is sure to be right: a borrow may set those above it.
  static std::uint64_t special(Block block) {
    const std::uint64_t marks =
        (below(block, 0x20) | below(block ^ (kOnes * '"'), 1) | below(block ^ (kOnes * '\\'), 1)) &
        kHighs;
    return marks * 0x0002040810204081U >> 56;  // The top bits of eight bytes, side by side.
  }

  static std::uint32_t differing(const char* a, const char* b) {
    std::uint32_t mask = 0;
    for (unsigned i = 0; i < kEdgeBytes; ++i) mask |= (a[i] != b[i] ? 1U : 0U) << i;
    return mask;
  }

  static unsigned digits(const char* at) {
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; ++i) mask |= (is_digit(at[i]) ? 1U : 0U) << i;
    return mask;
  }

 private:
  static std::uint64_t below(std::uint64_t block, std::uint64_t limit) {
    return (block - kOnes * limit) & ~block;
  }
};

}  // namespace

bool match_scalar(Matching& matching) { return Walk<EightBytes>(matching).run(); }

const char* match_string_end(const char* at, bool& escaped) {
  const StringEnd end = find_string_end(at);
  escaped = end.escaped;
  return end.fault == nullptr ? end.at : nullptr;
}

const char* match_number(const char* at) { return skip_number(at); }

}  // namespace weir::json
