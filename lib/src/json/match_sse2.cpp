// Sixteen bytes at a time: every x86-64 processor has SSE2.
#include <emmintrin.h>

#include "json/match.h"

namespace weir::json {
namespace {

struct SixteenBytes {
  using Block = __m128i;
  static constexpr int kWidth = 16;

  static Block none() { return _mm_setzero_si128(); }
  static Block high() { return _mm_set1_epi8(-128); }
  static Block load(const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  }
  static Block join(Block a, Block b) { return _mm_or_si128(a, b); }
  static bool has_high(Block block) { return _mm_movemask_epi8(block) != 0; }

  static std::uint64_t special(Block block) {
    const Block quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const Block backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    const Block controls = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    return mask_of(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls));
  }

  static std::uint32_t differing(const char* a, const char* b) {
    const std::uint32_t low = mask_of(_mm_cmpeq_epi8(load(a), load(b)));
    const std::uint32_t high = mask_of(_mm_cmpeq_epi8(load(a + kWidth), load(b + kWidth)));
    return ~(low | high << kWidth);
  }

  static unsigned digits(const char* at) {
    const Block values = _mm_sub_epi8(load(at), _mm_set1_epi8('0'));
    return mask_of(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values));
  }

 private:
  static std::uint32_t mask_of(Block block) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(block));
  }
};

}  // namespace

bool match_sse2(Matching& matching) { return Walk<SixteenBytes>(matching).run(); }

}  // namespace weir::json
