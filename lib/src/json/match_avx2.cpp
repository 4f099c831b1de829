// Thirty-two bytes at a time. This file alone is compiled for AVX2; the reader asks the processor
// before it calls.
#include <immintrin.h>

#include "json/match.h"

namespace weir::json {
namespace {

struct ThirtyTwoBytes {
  using Block = __m256i;
  static constexpr int kWidth = 32;

  static Block none() { return _mm256_setzero_si256(); }
  static Block high() { return _mm256_set1_epi8(-128); }
  static Block load(const char* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  static Block join(Block a, Block b) { return _mm256_or_si256(a, b); }
  static bool has_high(Block block) { return _mm256_movemask_epi8(block) != 0; }

  static std::uint64_t special(Block block) {
    const Block quotes = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'));
    const Block backslashes = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\'));
    const Block controls = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(0x1f)), block);
    return mask_of(_mm256_or_si256(_mm256_or_si256(quotes, backslashes), controls));
  }

  static std::uint32_t differing(const char* a, const char* b) {
    return ~mask_of(_mm256_cmpeq_epi8(load(a), load(b)));
  }

  static unsigned digits(const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i equal = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    return static_cast<unsigned>(_mm_movemask_epi8(equal));
  }

 private:
  static std::uint32_t mask_of(Block block) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(block));
  }
};

}  // namespace

bool match_avx2(Matching& matching) { return Walk<ThirtyTwoBytes>(matching).run(); }

}  // namespace weir::json
