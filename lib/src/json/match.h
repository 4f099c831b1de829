// The walk along the learned shapes, for one way of looking at bytes in blocks. Included by
// match_*.cpp only; see shape.h for why nothing else is included here.
//
// A block type has
//   kWidth                 the bytes of a block
//   Block load(p)
//   Mask special(Block)    a bit for each byte that is a quote, a backslash or a control character
//   Block join(a, b)       so that has_high(join(a, b)) == has_high(a) || has_high(b)
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
    ShapeNode* node = &m_.nodes[kStartNode];
    typename Bytes::Block seen = Bytes::none();
    for (;;) {
      const ShapeEdge* edge = &m_.edges[node->predicted];
      if (!fits(at, *edge)) {
        edge = find_other(at, *node);
        if (edge == nullptr) return false;
      }
      if (edge->action_count != 0) act(at, *edge);
      at += edge->size;
      node = &m_.nodes[edge->target];
      const char* start = at;
      Found found = {nullptr, nullptr, 0, false};
      if (*at == '"') {
        at = string_end(at + 1, seen, found.escaped);
        if (at == nullptr) return false;
        found.from = start + 1;
        found.to = at++;
        found.kind = kString;
      } else if (is_number_start(*at)) {
        at = number_end(at);
        if (at == nullptr) return false;
        found.from = start;
        found.to = at;
        found.kind = kNumber;
      } else {
        if (*at == '\0') break;
        at = word_end(at, found.kind);
        if (at == nullptr) return false;
        found.from = start;
        found.to = at;
      }
      if (node->slot >= 0) m_.found[node->slot] = found;
    }
    m_.has_high_bytes = Bytes::has_high(seen);
    return at == m_.end && node == &m_.nodes[kEndNode];
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

  static bool is_number_start(char c) {
    return static_cast<unsigned char>(c - '0') <= 9 || c == '-';
  }

  static bool fits(const char* at, const ShapeEdge& edge) {
    if ((Bytes::differing(at, edge.text) & edge.mask) != 0) return false;
    return edge.size <= kEdgeBytes || fits_whole(at, edge);
  }

  // Stops at the first difference, and so at the NUL behind the text at the latest.
  static bool fits_whole(const char* at, const ShapeEdge& edge) {
    for (std::uint32_t i = kEdgeBytes; i < edge.size; ++i) {
      if (at[i] != edge.whole[i]) return false;
    }
    return true;
  }

  const ShapeEdge* find_other(const char* at, ShapeNode& node) const {
    for (std::int32_t i = node.first; i != kTrapEdge; i = m_.edges[i].other) {
      if (i == node.predicted || !fits(at, m_.edges[i])) continue;
      node.predicted = i;
      return &m_.edges[i];
    }
    return nullptr;
  }

  void act(const char* at, const ShapeEdge& edge) const {
    for (std::int32_t i = 0; i < edge.action_count; ++i) {
      const ShapeAction& action = m_.actions[edge.first_action + i];
      Found& found = m_.found[action.slot];
      switch (action.kind) {
        case ShapeAction::kForget:
          found = {nullptr, nullptr, 0, false};
          break;
        case ShapeAction::kBeginObject:
        case ShapeAction::kBeginArray:
          found.from = at + action.offset;
          found.kind = action.kind == ShapeAction::kBeginObject ? kObject : kArray;
          found.escaped = false;
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
      return *at == '"' ? at : match_string_end(at, escaped);
    }
  }

  // Plain numbers that end within 16 bytes; all others are left to `match_number`.
  static const char* number_end(const char* at) {
    const char* digits = at + (*at == '-' ? 1 : 0);
    const unsigned others = ~Bytes::digits(digits);  // The upper bits are set.
    const unsigned whole = static_cast<unsigned>(__builtin_ctz(others));
    if (whole == 0 || whole > 14 || (*digits == '0' && whole > 1)) return match_number(at);
    const char* end = digits + whole;
    if (*end == '.') {
      const unsigned fraction = static_cast<unsigned>(__builtin_ctz(others >> (whole + 1)));
      end += 1 + fraction;
      if (fraction == 0 || whole + 1 + fraction >= 16) return match_number(at);
    }
    return (*end | 0x20) == 'e' ? match_number(at) : end;
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
