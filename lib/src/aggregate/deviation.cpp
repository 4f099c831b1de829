#include <algorithm>
#include <cmath>

#include <weir/detail/aggregate_deviation.h>

namespace weir {

void Deviation::add(double x) {
  if (std::isnan(x)) return;
  ++rows_;
  sum_.add(x);
  if (std::isfinite(x)) squares_.add_product(x, x);
}

void Deviation::add(std::int64_t x) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if (x <= kExact && x >= -kExact) return add(static_cast<double>(x));
  // A long integer is two doubles: its upper bits, and the rest of either sign.
  const std::int64_t low_bits = x % (std::int64_t{1} << 32);
  const auto high = static_cast<double>(x - low_bits);
  const auto low = static_cast<double>(low_bits);
  ++rows_;
  sum_.add(high);
  sum_.add(low);
  squares_.add_product(high, high);
  squares_.add_product(2 * high, low);
  squares_.add_product(low, low);
}

void Deviation::merge(const Deviation& other) {
  rows_ += other.rows_;
  sum_.merge(other.sum_);
  squares_.merge(other.squares_);
}

void Deviation::clear() {
  rows_ = 0;
  sum_.clear();
  squares_.clear();
}

// rows * sum(x^2) - sum(x)^2, exactly: this is where a naive formula loses everything.
ExactSum Deviation::difference() const {
  ExactSum difference;
  difference.merge_flags(sum_);
  difference.merge_flags(squares_);
  for (double part : squares_.parts()) difference.add_product(part, static_cast<double>(rows_));
  for (double a : sum_.parts()) {
    for (double b : sum_.parts()) difference.add_product(-a, b);
  }
  return difference;
}

std::optional<double> Deviation::variance() const {
  if (rows_ < 2) return std::nullopt;
  const ExactSum exact = difference();
  if (!exact.is_finite()) return std::nullopt;
  // Below zero only by what underflow took from the squares of tiny numbers.
  const auto rows = static_cast<double>(rows_);
  return std::max(0.0, exact.value()) / rows / (rows - 1);
}

std::optional<double> Deviation::value() const {
  const auto square = variance();
  if (!square) return std::nullopt;
  return std::sqrt(*square);
}

void Deviation::write(std::string& out) const {
  append_varint(out, rows_);
  sum_.write(out);
  squares_.write(out);
}

bool Deviation::read(Bytes& in) {
  return read_varint(in, rows_) && sum_.read(in) && squares_.read(in);
}

}  // namespace weir
