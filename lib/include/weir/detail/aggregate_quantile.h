// Approximate quantiles: a histogram whose buckets grow with the values.
//
// Written form, version 1 (double = 8 bytes big endian):
//   quantiles = varint(buckets) [double(min) double(max) (zigzag(bucket - previous) varint(n))*]
//   bucket    = upper 20 bits of a positive double: sign, exponent and 8 bits of the mantissa;
//               -1 - that of -x for a negative x
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/bytes.h>

namespace weir {

// 256 buckets for each doubling, told apart by bits alone. A result is at most 0.4 % nearer to zero
// than the number that was added, and exact for the least, the greatest and integers up to 511; it
// depends neither on order nor on how the input was split. Memory grows with the spread of the
// values: at most 4 kB for each factor of two. NaN is skipped.
class Quantiles {
 public:
  void add(double x);
  void merge(const Quantiles& other);
  void clear();

  // The value below which a share of `q` lies, by nearest rank: 0 is the least, 1 the greatest.
  // Nothing of nothing. REQUIRES: 0 <= q <= 1.
  std::optional<double> value(double q) const;
  std::size_t memory() const { return buckets_.capacity() * sizeof(Bucket); }

  void write(std::string& out) const;
  bool read(Bytes& in);
  bool operator==(const Quantiles&) const = default;

 private:
  struct Bucket {
    std::int32_t place;
    std::uint64_t rows;
    bool operator==(const Bucket&) const = default;
  };

  void add_rows(std::int32_t place, std::uint64_t rows);

  std::vector<Bucket> buckets_;  // By place.
  double min_ = 0;               // Of no rows: 0.
  double max_ = 0;
};

}  // namespace weir
