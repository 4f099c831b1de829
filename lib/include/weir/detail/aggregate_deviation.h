// The standard deviation of a sample, from exact sums.
//
// Written form, version 1:
//   deviation = varint(rows) exact-sum(of x) exact-sum(of x * x)
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <weir/bytes.h>
#include <weir/detail/aggregate_exact_sum.h>

namespace weir {

// SQL's stddev_samp: divided by n - 1, nothing of fewer than two rows. Sum and sum of squares are
// kept exactly, so their difference does not cancel and partials merge in any order into the same
// bits, which a running mean (Welford, Chan) does not do. Squares beyond the range of doubles, and
// infinities, make it overflow; the errors of squares below 1e-290 are lost.
class Deviation {
 public:
  void add(double x);
  void add(std::int64_t x);
  void merge(const Deviation& other);
  void clear();

  bool is_overflowed() const { return !difference().is_finite(); }
  // Nothing of fewer than two rows, and when overflowed.
  std::optional<double> value() const;
  std::optional<double> variance() const;

  void write(std::string& out) const;
  bool read(Bytes& in);
  bool operator==(const Deviation&) const = default;

 private:
  ExactSum difference() const;

  std::uint64_t rows_ = 0;
  ExactSum sum_;
  ExactSum squares_;
};

}  // namespace weir
