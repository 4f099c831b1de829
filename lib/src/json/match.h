// The walk along the learned shapes, for one way of looking at bytes in blocks. Included by
// match_*.cpp only; see shape.h for why nothing else is included here.
//
// A block type has
//   kWidth                 the bytes of a block
//   Block load(p)
//   Mask special(Block)    a bit for each byte that is a quote, a backslash or a control character
//   Block join(a, b)       has_high(join(a, b)) == has_high(a) || has_high(b)
//   Block none(), high()   a block without such bytes, and one of them
//   bool has_high(Block)
//   Mask32 differing(p, q) a bit for each of 32 bytes where p and q differ
//   unsigned digits(p)     a bit for each of 16 bytes that is a digit
#pragma once

#include <cstdint>
#include <cstring>

#include "json/shape.h"

namespace weir::json {

template <class Bytes>
class Walk {
 public:
  explicit Walk(Matching& matching) : m_(matching) {}

  bool run() {
    const char* at = m_.begin;
    ShapeNode* node = m_.start;
    typename Bytes::Block seen = Bytes::none();  // All bytes of strings, joined.
    for (;;) {
      const ShapeEdge* edge = node->predicted;
      if (!fits(at, *edge)) {
        edge = find_other(at, *node);
        if (edge == nullptr) return false;
      }
      if (edge->extra != nullptr) act(at, *edge->extra);
      at += edge->size;
      node = edge->target;
      if (node == nullptr) break;
      // A known shape may end where this record goes on with spaces: both are right.
      if (static_cast<unsigned char>(*at) <= ' ') at = skip_space(at);
      at = scalar(at, node->slot, seen);
      if (at == nullptr) return false;
    }
    m_.has_high_bytes = Bytes::has_high(seen);
    return skip_space(at) == m_.end;
  }

 private:
  // The values of JsonKind.
  static constexpr std::uint8_t kNull = 1;
  static constexpr std::uint8_t kFalse = 2;
  static constexpr std::uint8_t kTrue = 3;
  static constexpr std::uint8_t kNumber = 4;
  static constexpr std::uint8_t kString = 5;
  static constexpr std::uint8_t kObject = 6;
  static constexpr std::uint8_t kArray = 7;

  // Past the scalar at `at`, which goes to `slot`; null when there is none.
  const char* scalar(const char* at, std::int32_t slot, typename Bytes::Block& seen) const {
    const char* start = at;
    bool escaped = false;
    std::uint8_t kind = kNumber;
    if (*at == '"') {
      at = string_end(++start, seen, escaped);
      kind = kString;
    } else if (is_number_start(*at)) {
      at = number_end(at);
    } else {
      at = word_end(at, kind);
    }
    if (at == nullptr) return nullptr;
    if (slot >= 0) m_.found[slot] = {start, at, kind, escaped};
    return kind == kString ? at + 1 : at;
  }

  static const char* skip_space(const char* at) {
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') ++at;
    return at;
  }

  static bool is_number_start(char c) {
    return static_cast<unsigned char>(c - '0') <= 9 || c == '-';
  }

  static bool fits(const char* at, const ShapeEdge& edge) {
    if ((Bytes::differing(at, edge.text) & edge.mask) != 0) return false;
    return edge.extra == nullptr || fits_whole(at, edge);
  }

  // Stops at the first difference, and so at the NUL behind the text at the latest.
  static bool fits_whole(const char* at, const ShapeEdge& edge) {
    for (std::uint32_t i = kEdgeBytes; i < edge.size; ++i) {
      if (at[i] != edge.extra->text[i]) return false;
    }
    return true;
  }

  static const ShapeEdge* find_other(const char* at, ShapeNode& node) {
    for (ShapeEdge* edge = node.first; edge != nullptr; edge = edge->other) {
      if (edge == node.predicted || !fits(at, *edge)) continue;
      node.predicted = edge;
      return edge;
    }
    return nullptr;
  }

  void act(const char* at, const ShapeExtra& extra) const {
    for (std::uint32_t i = 0; i < extra.action_count; ++i) {
      const ShapeAction& action = extra.actions[i];
      Found& found = m_.found[action.slot];
      switch (action.kind) {
        case ShapeAction::kForget:
          found = {nullptr, nullptr, 0, false};
          break;
        case ShapeAction::kBeginObject:
          found = {at + action.offset, nullptr, kObject, false};
          break;
        case ShapeAction::kBeginArray:
          found = {at + action.offset, nullptr, kArray, false};
          break;
        case ShapeAction::kEnd:
          found.to = at + action.offset;
          break;
      }
    }
  }

  static const char* string_end(const char* at, typename Bytes::Block& seen, bool& escaped) {
    for (;; at += Bytes::kWidth) {
      const typename Bytes::Block block = Bytes::load(at);
      seen = Bytes::join(seen, block);
      const std::uint64_t special = Bytes::special(block);
      if (special == 0) continue;
      at += __builtin_ctzll(special);
      if (*at == '"') return at;
      seen = Bytes::high();  // From here on bytes are not seen: assume the worst.
      return match_string_end(at, escaped);
    }
  }

  // Numbers without an exponent whose parts have less than 16 digits; all others, which are rare,
  // are left to `match_number`.
  static const char* number_end(const char* at) {
    const char* digits = at + (*at == '-' ? 1 : 0);
    const unsigned whole = count_digits(digits);
    if (whole == 0 || whole == 16 || (*digits == '0' && whole > 1)) return match_number(at);
    const char* end = digits + whole;
    if (*end == ',') return end;
    if (*end == '.') {
      const unsigned fraction = count_digits(end + 1);
      if (fraction == 0 || fraction == 16) return match_number(at);
      end += 1 + fraction;
    }
    return (*end | 0x20) == 'e' ? match_number(at) : end;
  }

  // 16 for 16 and more.
  static unsigned count_digits(const char* at) {
    return static_cast<unsigned>(__builtin_ctz(~Bytes::digits(at)));  // Upper bits are set.
  }

  static const char* word_end(const char* at, std::uint8_t& kind) {
    std::uint32_t four = 0;
    std::memcpy(&four, at, sizeof(four));
    if (four == word("null")) {
      kind = kNull;
      return at + 4;
    }
    if (four == word("true")) {
      kind = kTrue;
      return at + 4;
    }
    kind = kFalse;
    return four == word("fals") && at[4] == 'e' ? at + 5 : nullptr;
  }

  static std::uint32_t word(const char (&letters)[5]) {
    std::uint32_t four = 0;
    std::memcpy(&four, letters, sizeof(four));
    return four;
  }

  Matching& m_;
};

}  // namespace weir::json
