// Sums and means that are exact inside, so that neither the order of additions nor the way the
// input was split over partials can change a result. Only a final result can overflow.
//
// Written form, version 1 (varint as in bytes.h; wide = varint of a zigzag number of 128 bits):
//   row count = varint(rows)
//   int sum   = wide(sum)
//   int mean  = wide(sum) varint(rows)
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <weir/bytes.h>
#include <weir/decimal.h>

namespace weir {

__extension__ typedef unsigned __int128 UInt128;

// wide: as zigzag in bytes.h, of 128 bits. One number has one form.
void append_wide(std::string& out, Int128 value);
[[nodiscard]] bool read_wide(Bytes& in, Int128& value);

// How many rows.
class RowCount {
 public:
  void add() { ++rows_; }
  void merge(const RowCount& other) { rows_ += other.rows_; }
  void clear() { rows_ = 0; }
  std::uint64_t rows() const { return rows_; }
  std::int64_t value() const { return static_cast<std::int64_t>(rows_); }

  void write(std::string& out) const { append_varint(out, rows_); }
  bool read(Bytes& in) { return read_varint(in, rows_) && value() >= 0; }
  bool operator==(const RowCount&) const = default;

 private:
  std::uint64_t rows_ = 0;
};

// The sum of integers, or of the units of decimals. 2^64 additions fit without overflow inside.
class IntSum {
 public:
  void add(std::int64_t x) { sum_ += static_cast<UInt128>(static_cast<Int128>(x)); }
  void add_unsigned(std::uint64_t x) { sum_ += x; }
  void merge(const IntSum& other) { sum_ += other.sum_; }
  void clear() { sum_ = 0; }
  Int128 sum() const { return static_cast<Int128>(sum_); }

  // The sum, or nothing when it does not fit 64 bits. 0 of no rows.
  std::optional<std::int64_t> value() const;

  void write(std::string& out) const { append_wide(out, sum()); }
  bool read(Bytes& in);
  bool operator==(const IntSum&) const = default;

 private:
  UInt128 sum_ = 0;  // Two's complement: damaged state may wrap, but is never undefined.
};

// The mean of integers, or of the units of decimals.
class IntMean {
 public:
  // The places of an average of decimals of so many: two more, as far as decimals go.
  static constexpr int places_of_mean(int places) {
    return std::min(places + 2, kDecimalPlacesMax);
  }

  void add(std::int64_t x) { sum_.add(x), rows_.add(); }
  void add_unsigned(std::uint64_t x) { sum_.add_unsigned(x), rows_.add(); }
  void merge(const IntMean& other) { sum_.merge(other.sum_), rows_.merge(other.rows_); }
  void clear() { *this = IntMean(); }

  bool is_empty() const { return rows_.rows() == 0; }
  double value() const;  // REQUIRES: not empty.
  // The mean in units of `more_places` more, rounded half to even; nothing when it does not fit.
  // REQUIRES: not empty.
  std::optional<std::int64_t> units(int more_places) const;

  void write(std::string& out) const { sum_.write(out), rows_.write(out); }
  bool read(Bytes& in) { return sum_.read(in) && rows_.read(in); }
  bool operator==(const IntMean&) const = default;

 private:
  IntSum sum_;
  RowCount rows_;
};

}  // namespace weir
