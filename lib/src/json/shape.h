// The learned shapes of a topic's records as plain numbers: what skeleton.h learns and match.h
// compares.
//
// A node is a place where a scalar can stand, told apart by the keys and arrays around it, not by
// the index in an array. An edge is the text from one scalar to the next: punctuation, keys, space.
// Whether an edge is valid depends only on the containers open at its node, so every way from the
// start to the end is a valid record, also one that was never seen: arrays of any length, fields
// that are sometimes absent.
//
// This header and match.h use nothing from the library but what they declare: match_avx2.cpp is
// compiled for processors that other files must not need, and an inline function it shared with
// them could be the one that the linker keeps.
#pragma once

#include <cstdint>

namespace weir::json {

inline constexpr std::uint32_t kEdgeBytes = 32;

struct ShapeEdge;

struct ShapeNode {
  ShapeEdge* predicted;  // The edge taken last. Never null: a node without edges has the trap.
  ShapeEdge* first;      // The list of edges; null behind the last.
  std::int32_t slot;     // Where the scalar goes, or -1.
};

// What passing an edge means for slots of objects and arrays.
struct ShapeAction {
  enum Kind : std::uint8_t { kForget, kBeginObject, kBeginArray, kEnd };
  Kind kind;
  std::int32_t slot;
  std::uint32_t offset;  // Of the container's first byte, or past its last, in the edge.
};

// What most edges do not have.
struct ShapeExtra {
  const char* text;  // All bytes of the edge.
  const ShapeAction* actions;
  std::uint32_t action_count;
};

// One cache line.
struct alignas(64) ShapeEdge {
  char text[kEdgeBytes];    // The first bytes, NULs behind them.
  ShapeNode* target;        // Where it leads; null where the text ends.
  ShapeEdge* other;         // The next edge from the same node.
  const ShapeExtra* extra;  // Null for an edge without actions that fits into `text`.
  std::uint32_t mask;       // A bit for each byte in `text`.
  std::uint32_t size;
};
static_assert(sizeof(ShapeEdge) == 64);

// A slot as found, in the padded copy of the text. `kind` is a JsonKind.
struct Found {
  const char* from;
  const char* to;
  std::uint8_t kind;
  bool escaped;
};

struct Matching {
  const char* begin;  // 64 NULs lie behind `end`.
  const char* end;
  ShapeNode* start;
  Found* found;
  bool has_high_bytes;  // Out: there may be bytes above 127 in strings.
};

// Whether the text is a way from the start to the end; fills `found` as it goes. UTF-8 in strings
// is left to the caller, all else is checked. All three give the same result.
bool match_scalar(Matching& matching);
bool match_sse2(Matching& matching);
bool match_avx2(Matching& matching);

// The rare parts, compiled once. A string from a byte that is not plain: its closing quote, or null
// when it is damaged. A number of any form: its end, or null.
const char* match_string_end(const char* at, bool& escaped);
const char* match_number(const char* at);

}  // namespace weir::json
