// The sum of doubles without rounding on the way.
//
// Written form, version 1:
//   exact sum = flags:byte varint(parts) double*
//   flags     = 1: +infinity was added | 2: -infinity | 4: a partial sum overflowed
//   double    = 8 bytes of IEEE 754, big endian
// The parts are the sum rounded to a double, then what that leaves rounded to a double, and so on:
// equal sums are equal bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/bytes.h>

namespace weir {

// Holds the sum as doubles that do not overlap, each the rounding error of the next; almost always
// two. So `value()` is the true sum rounded once, in whatever order the numbers came. NaN counts
// as null and is skipped; -0 counts as 0.
//
//   ExactSum sum;
//   for (double x : {1e100, 1.0, -1e100}) sum.add(x);
//   sum.value();  // 1.0
class ExactSum {
 public:
  void add(double x);
  // Adds a * b with the rounding error of the product. REQUIRES: both finite.
  void add_product(double a, double b);
  void merge(const ExactSum& other);
  void merge_flags(const ExactSum& other) { flags_ |= other.flags_; }
  void clear();

  // An infinity when one was added, NaN when both were.
  double value() const;
  // A partial sum left the range of doubles, so that there is no value. Sticky.
  bool is_overflowed() const { return (flags_ & kOverflow) != 0; }
  bool is_finite() const { return flags_ == 0; }
  const std::vector<double>& parts() const { return parts_; }

  void write(std::string& out) const;
  bool read(Bytes& in);
  bool operator==(const ExactSum& other) const;

 private:
  static constexpr std::uint8_t kInfinity = 1;
  static constexpr std::uint8_t kMinusInfinity = 2;
  static constexpr std::uint8_t kOverflow = 4;
  static constexpr std::size_t kPartsMax = 64;  // 2098 bits of range over 53 bits a part, and room.

  void add_finite(double x);
  std::vector<double> rounded_parts() const;

  std::vector<double> parts_;  // Increasing magnitude, no zeros.
  std::uint8_t flags_ = 0;
};

void append_double(std::string& out, double value);
[[nodiscard]] bool read_double(Bytes& in, double& value);

// The mean of doubles: exact sum and count. Written: exact sum, varint(rows).
class DoubleMean {
 public:
  void add(double x) {
    if (x != x) return;
    sum_.add(x);
    ++rows_;
  }
  void merge(const DoubleMean& other) {
    sum_.merge(other.sum_);
    rows_ += other.rows_;
  }
  void clear() {
    sum_.clear();
    rows_ = 0;
  }
  bool is_empty() const { return rows_ == 0; }
  bool is_overflowed() const { return sum_.is_overflowed(); }
  double value() const { return sum_.value() / static_cast<double>(rows_); }

  void write(std::string& out) const {
    sum_.write(out);
    append_varint(out, rows_);
  }
  bool read(Bytes& in) { return sum_.read(in) && read_varint(in, rows_); }
  bool operator==(const DoubleMean&) const = default;

 private:
  ExactSum sum_;
  std::uint64_t rows_ = 0;
};

}  // namespace weir
