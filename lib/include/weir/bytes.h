// Bytes of keys and state: the primitives that every layout in stores, changelogs and repartition
// topics is made of. Writers append to a string; readers take their own bytes off the front of a
// view and return false, with view and target untouched, when the bytes are too few or damaged.
//
//   std::string key;
//   append_time(key, window.start);       // 8 bytes that sort as the number does
//   append_bytes(key, user);              // length, then the bytes
//
//   Bytes rest = key;
//   if (!read_time(rest, start) || !read_bytes(rest, user)) return damaged();
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir {

using Bytes = std::string_view;

inline constexpr std::size_t kTimeBytes = 8;
inline constexpr std::size_t kVarintBytesMax = 10;

// time = 8 bytes, big endian, the sign bit flipped: bytes compare as the signed numbers do, so that
// kNoTime is all 00, -1 is 7fff.., 0 is 8000.. and kEndOfTime is all ff.
inline void append_time(std::string& out, Timestamp time) {
  const std::uint64_t bits = static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
  char bytes[kTimeBytes];
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    bytes[i] = static_cast<char>(bits >> (8 * (kTimeBytes - 1 - i)));
  }
  out.append(bytes, kTimeBytes);
}

[[nodiscard]] inline bool read_time(Bytes& in, Timestamp& time) {
  if (in.size() < kTimeBytes) return false;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    bits = bits << 8 | static_cast<unsigned char>(in[i]);
  }
  time = static_cast<Timestamp>(bits ^ (std::uint64_t{1} << 63));
  in.remove_prefix(kTimeBytes);
  return true;
}

// varint = 7 bits a byte, the low ones first, the top bit set on all but the last. One number has
// one form: a longer one than needed is damage, so equal values are equal bytes.
// `put_varint` writes where kVarintBytesMax bytes are free, and returns the end of what it wrote.
inline char* put_varint(char* at, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}

inline void append_varint(std::string& out, std::uint64_t value) {
  if (value < 0x80) return out.push_back(static_cast<char>(value));
  char bytes[kVarintBytesMax];
  out.append(bytes, static_cast<std::size_t>(put_varint(bytes, value) - bytes));
}

[[nodiscard]] inline bool read_varint(Bytes& in, std::uint64_t& value) {
  if (!in.empty() && static_cast<unsigned char>(in.front()) < 0x80) {
    value = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    return true;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < in.size() && i < kVarintBytesMax; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == kVarintBytesMax - 1 && byte > 1) return false;  // More than 64 bits.
    bits |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return false;  // Longer than needed.
    value = bits;
    in.remove_prefix(i + 1);
    return true;
  }
  return false;
}

// zigzag = varint of 0, -1, 1, -2, ...: small numbers of either sign are short.
inline std::uint64_t zigzag_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

inline void append_zigzag(std::string& out, std::int64_t value) {
  append_varint(out, zigzag_of(value));
}

[[nodiscard]] inline bool read_zigzag(Bytes& in, std::int64_t& value) {
  std::uint64_t bits = 0;
  if (!read_varint(in, bits)) return false;
  value = static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
  return true;
}

// bytes = varint(length) and so many bytes. What `read_bytes` gives is a view of its input.
inline void append_bytes(std::string& out, Bytes bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

[[nodiscard]] inline bool read_bytes(Bytes& in, Bytes& bytes) {
  Bytes rest = in;
  std::uint64_t size = 0;
  if (!read_varint(rest, size) || size > rest.size()) return false;
  bytes = rest.substr(0, static_cast<std::size_t>(size));
  rest.remove_prefix(static_cast<std::size_t>(size));
  in = rest;
  return true;
}

// Turns a prefix into the least key after every key that begins with it, so that [prefix, result)
// is a scan of exactly those. Empty when there is none: "to the end", as BytesStore::scan takes it.
inline void after_prefix(std::string& prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
}

}  // namespace weir
