#include <bit>
#include <cmath>
#include <limits>

#include <weir/detail/aggregate_exact_sum.h>

namespace weir {

void append_double(std::string& out, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
}

bool read_double(Bytes& in, double& value) {
  if (in.size() < sizeof(double)) return false;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(double); ++i) {
    bits = bits << 8 | static_cast<unsigned char>(in[i]);
  }
  value = std::bit_cast<double>(bits);
  in.remove_prefix(sizeof(double));
  return true;
}

void ExactSum::add(double x) {
  if (std::isfinite(x)) {
    add_finite(x);
  } else if (!std::isnan(x)) {
    flags_ |= x > 0 ? kInfinity : kMinusInfinity;
  }
}

// Shewchuk's grow-expansion: x passes through the parts from the smallest up; at each one the sum
// goes on and the rounding error, which is itself a double, stays.
void ExactSum::add_finite(double x) {
  if (is_overflowed()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const double part = parts_[i];
    const double sum = x + part;
    const double part_in_sum = sum - x;
    const double error = (x - (sum - part_in_sum)) + (part - part_in_sum);
    parts_[kept] = error;
    if (error != 0) ++kept;
    x = sum;
  }
  parts_.resize(kept);
  if (!std::isfinite(x)) {
    flags_ |= kOverflow;
    parts_.clear();
  } else if (x != 0) {
    parts_.push_back(x);
  }
}

void ExactSum::add_product(double a, double b) {
  const double product = a * b;
  if (!std::isfinite(product)) {
    flags_ |= kOverflow;
    parts_.clear();
    return;
  }
  add_finite(product);
  add_finite(std::fma(a, b, -product));
}

void ExactSum::merge(const ExactSum& other) {
  flags_ |= other.flags_;
  if (is_overflowed()) {
    parts_.clear();
    return;
  }
  if (&other == this) {
    const ExactSum copy = other;
    return merge(copy);
  }
  for (double part : other.parts_) add_finite(part);
}

void ExactSum::clear() {
  parts_.clear();
  flags_ = 0;
}

double ExactSum::value() const {
  if (flags_ != 0) {
    if (flags_ == kInfinity) return std::numeric_limits<double>::infinity();
    if (flags_ == kMinusInfinity) return -std::numeric_limits<double>::infinity();
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (parts_.empty()) return 0;
  std::size_t left = parts_.size() - 1;
  double sum = parts_[left];
  double error = 0;
  while (left > 0 && error == 0) {
    const double before = sum;
    const double part = parts_[--left];
    sum = before + part;
    error = part - (sum - before);
  }
  // When the error is half a unit of the sum, rounding to even did not see the parts below it.
  if (left > 0 && error != 0 && (error > 0) == (parts_[left - 1] > 0)) {
    const double moved = sum + 2 * error;
    if (moved - sum == 2 * error) return moved;
  }
  return sum;
}

std::vector<double> ExactSum::rounded_parts() const {
  std::vector<double> rounded;
  ExactSum rest = *this;
  rest.flags_ = 0;
  while (!rest.parts_.empty()) {
    rounded.push_back(rest.value());
    rest.add_finite(-rounded.back());
  }
  return rounded;
}

void ExactSum::write(std::string& out) const {
  const auto rounded = rounded_parts();
  out.push_back(static_cast<char>(flags_));
  append_varint(out, rounded.size());
  for (double part : rounded) append_double(out, part);
}

bool ExactSum::read(Bytes& in) {
  clear();
  if (in.empty() || static_cast<unsigned char>(in.front()) > 7) return false;
  const auto flags = static_cast<std::uint8_t>(in.front());
  Bytes rest = in.substr(1);
  std::uint64_t size = 0;
  if (!read_varint(rest, size) || size > kPartsMax) return false;
  for (; size > 0; --size) {
    double part = 0;
    if (!read_double(rest, part) || !std::isfinite(part)) return false;
    add_finite(part);
  }
  flags_ |= flags;
  if (is_overflowed()) parts_.clear();
  in = rest;
  return true;
}

bool ExactSum::operator==(const ExactSum& other) const {
  return flags_ == other.flags_ && rounded_parts() == other.rounded_parts();
}

}  // namespace weir
