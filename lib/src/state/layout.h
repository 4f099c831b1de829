// What weir keeps on disk for a task. Its bytes are told in weir/detail/layout.h.
//
// Rows sort as their keys do, but long keys that share their first 495 bytes: those lie together,
// after the plain key that is their prefix, and whoever scans them sorts them. time, varint, zigzag
// and bytes are those of <weir/bytes.h>. What keys and values mean is told where they are made: by
// the operator whose store it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <weir/bytes.h>
#include <weir/detail/layout.h>
#include <weir/time.h>

namespace weir::state {

inline constexpr std::uint64_t kFormatVersion = detail::kLayoutVersion;

inline constexpr Bytes kOwnerFirstLine = "weir state 1\n";
inline constexpr Bytes kStrangerFirstLine = "not weir\n";
inline constexpr Bytes kMetaDatabase = "meta";
inline constexpr Bytes kStorePrefix = "store/";
inline constexpr Bytes kMetaFormat = "format";
inline constexpr Bytes kMetaFingerprint = "fingerprint";
inline constexpr Bytes kMetaBoot = "boot";
inline constexpr Bytes kMetaClean = "clean";
inline constexpr Bytes kMetaTask = "task";
inline constexpr Bytes kInUse{"\0", 1};
inline constexpr Bytes kClosed{"\1", 1};

// How far a store has come.
struct Position {
  static constexpr std::int64_t kNoOffset = -1;

  std::int64_t offset =
      kNoOffset;  // Of the next changelog record to restore; none: from the start.
  Timestamp stream_time = kNoTime;
  bool operator==(const Position&) const = default;
};

void append_position(std::string& out, const Position& position);
[[nodiscard]] bool read_position(Bytes& in, Position& position);

inline constexpr std::size_t kPlainKeyBytesMax = 495;
inline constexpr std::size_t kLongRowKeyBytes = kPlainKeyBytesMax + 8;

inline bool is_long(Bytes key) { return key.size() > kPlainKeyBytesMax; }
inline Bytes long_prefix(Bytes key) { return key.substr(0, kPlainKeyBytesMax); }
inline Bytes long_rest(Bytes key) { return key.substr(kPlainKeyBytesMax); }

// The row key of `key`; `scratch` holds it where it is not the key itself.
Bytes row_key(Bytes key, std::string& scratch);
inline bool is_long_row(Bytes row) { return row.size() == kLongRowKeyBytes; }
// The key of a plain row.
Bytes plain_key(Bytes row);

// Takes the next entry off the value of a long row; false when it is damaged.
[[nodiscard]] bool read_entry(Bytes& entries, Bytes& rest, Bytes& value);
// Writes `entries` to `out` with the one for `rest` replaced, added or, without a value, removed.
// False when they are damaged.
[[nodiscard]] bool change_entries(Bytes entries, Bytes rest, std::optional<Bytes> value,
                                  std::string& out);

}  // namespace weir::state
