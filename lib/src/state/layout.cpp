#include "state/layout.h"

#include <algorithm>

namespace weir::state {
namespace {

std::uint64_t fnv1a(Bytes bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  return hash;
}

bool is_all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

}  // namespace

void append_position(std::string& out, const Position& position) {
  append_zigzag(out, position.offset);
  append_zigzag(out, position.stream_time);
}

bool read_position(Bytes& in, Position& position) {
  Position read;
  Bytes rest = in;
  if (!read_zigzag(rest, read.offset) || !read_zigzag(rest, read.stream_time)) return false;
  if (read.offset < Position::kNoOffset) return false;
  position = read;
  in = rest;
  return true;
}

Bytes row_key(Bytes key, std::string& scratch) {
  if (is_long(key)) {
    scratch.assign(long_prefix(key));
    const std::uint64_t hash = fnv1a(long_rest(key));
    for (int shift = 56; shift >= 0; shift -= 8)
      scratch.push_back(static_cast<char>(hash >> shift));
    return scratch;
  }
  if (!is_all_zero(key)) return key;
  scratch.assign(key.size() + 1, '\0');
  return scratch;
}

Bytes plain_key(Bytes row) { return is_all_zero(row) ? row.substr(1) : row; }

bool read_entry(Bytes& entries, Bytes& rest, Bytes& value) {
  Bytes left = entries;
  Bytes first;
  if (!read_bytes(left, first) || first.empty() || !read_bytes(left, value)) return false;
  rest = first;
  entries = left;
  return true;
}

bool change_entries(Bytes entries, Bytes rest, std::optional<Bytes> value, std::string& out) {
  out.clear();
  bool written = false;
  const auto write_changed = [&] {
    if (value && !written) {
      append_bytes(out, rest);
      append_bytes(out, *value);
    }
    written = true;
  };
  while (!entries.empty()) {
    Bytes other;
    Bytes kept;
    if (!read_entry(entries, other, kept)) return false;
    if (other >= rest) write_changed();
    if (other == rest) continue;
    append_bytes(out, other);
    append_bytes(out, kept);
  }
  write_changed();
  return true;
}

}  // namespace weir::state
