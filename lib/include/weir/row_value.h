// A JsonValue that owns its text: what state keeps of a row.
//
// Written form, version 1:
//   row value = kind:byte body       kind as in JsonValue
//   body      = nothing (null) | zigzag (bool, int, time) | places:byte zigzag (decimal)
//             | 8 bytes big endian (double) | bytes (string, raw)
#pragma once

#include <cstdint>
#include <string>

#include <weir/bytes.h>
#include <weir/json_value.h>

namespace weir {

class RowValue {
 public:
  RowValue() = default;
  RowValue(const JsonValue& value) { *this = value; }
  RowValue& operator=(const JsonValue& value);  // Keeps the memory of its text.

  // Valid until this changes.
  JsonValue view() const;
  operator JsonValue() const { return view(); }
  std::size_t memory() const { return text_.capacity(); }

  void write(std::string& out) const;
  bool read(Bytes& in);
  bool operator==(const RowValue& other) const { return view_equal(other); }

 private:
  bool view_equal(const RowValue& other) const;

  JsonValue plain_;   // Everything but text.
  std::string text_;  // Of strings and raw JSON.
};

// Numbers by their value, whatever their kinds; text by its bytes; false before true. Values that
// cannot be compared are in the order of their kinds.
bool is_before(const JsonValue& a, const JsonValue& b);

inline bool operator<(const JsonValue& a, const RowValue& b) { return is_before(a, b.view()); }
inline bool operator<(const RowValue& a, const JsonValue& b) { return is_before(a.view(), b); }

}  // namespace weir
