#include <algorithm>
#include <bit>
#include <cmath>

#include <weir/detail/aggregate_exact_sum.h>
#include <weir/detail/aggregate_quantile.h>
#include <weir/error.h>

namespace weir {
namespace {

constexpr int kDroppedBits = 44;                // 52 of the mantissa, 8 kept.
constexpr std::int32_t kPlaceMax = 0x7ff << 8;  // Infinity.

std::int32_t place_of(double x) {
  const auto place =
      static_cast<std::int32_t>(std::bit_cast<std::uint64_t>(std::fabs(x)) >> kDroppedBits);
  return x < 0 ? -1 - place : place;
}

// The number of a bucket that is nearest to zero: all small integers are such numbers.
double value_at(std::int32_t place) {
  if (place < 0) return -value_at(-1 - place);
  return std::bit_cast<double>(static_cast<std::uint64_t>(place) << kDroppedBits);
}

}  // namespace

void Quantiles::add(double x) {
  if (std::isnan(x)) return;
  x += 0.0;  // -0 is 0.
  min_ = buckets_.empty() ? x : std::min(min_, x);
  max_ = buckets_.empty() ? x : std::max(max_, x);
  add_rows(place_of(x), 1);
}

void Quantiles::add_rows(std::int32_t place, std::uint64_t rows) {
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), place,
                                   [](const Bucket& b, std::int32_t p) { return b.place < p; });
  if (at != buckets_.end() && at->place == place) {
    at->rows += rows;
  } else {
    buckets_.insert(at, Bucket{place, rows});
  }
}

void Quantiles::merge(const Quantiles& other) {
  if (other.buckets_.empty()) return;
  min_ = buckets_.empty() ? other.min_ : std::min(min_, other.min_);
  max_ = buckets_.empty() ? other.max_ : std::max(max_, other.max_);
  const std::size_t size = other.buckets_.size();  // Stays, should `other` be this one.
  for (std::size_t i = 0; i < size; ++i) {
    const Bucket bucket = other.buckets_[i];
    add_rows(bucket.place, bucket.rows);
  }
}

void Quantiles::clear() {
  buckets_.clear();
  min_ = max_ = 0;
}

std::optional<double> Quantiles::value(double q) const {
  check(q >= 0 && q <= 1, "a quantile is between 0 and 1");
  if (buckets_.empty()) return std::nullopt;
  double rows = 0;
  for (const Bucket& bucket : buckets_) rows += static_cast<double>(bucket.rows);
  const double rank = std::max(1.0, std::ceil(q * rows));
  if (rank <= 1) return min_;
  if (rank >= rows) return max_;
  double seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += static_cast<double>(bucket.rows);
    if (seen >= rank) return std::clamp(value_at(bucket.place), min_, max_);
  }
  return max_;
}

void Quantiles::write(std::string& out) const {
  append_varint(out, buckets_.size());
  if (buckets_.empty()) return;
  append_double(out, min_);
  append_double(out, max_);
  std::int64_t previous = 0;
  for (const Bucket& bucket : buckets_) {
    append_zigzag(out, bucket.place - previous);
    append_varint(out, bucket.rows);
    previous = bucket.place;
  }
}

bool Quantiles::read(Bytes& in) {
  clear();
  std::uint64_t left = 0;
  if (!read_varint(in, left) || left > in.size()) return false;
  if (left == 0) return true;
  double least = 0;
  double greatest = 0;
  if (!read_double(in, least) || !read_double(in, greatest) || !(least <= greatest)) return false;
  std::int64_t place = 0;
  for (; left > 0; --left) {
    std::int64_t step = 0;
    std::uint64_t rows = 0;
    if (!read_zigzag(in, step) || !read_varint(in, rows) || rows == 0) return false;
    if (step < -2 * kPlaceMax || step > 2 * kPlaceMax) return false;
    if (!buckets_.empty() && step <= 0) return false;
    place += step;
    if (place < -1 - kPlaceMax || place > kPlaceMax) return false;
    buckets_.push_back({static_cast<std::int32_t>(place), rows});
  }
  min_ = least;
  max_ = greatest;
  return true;
}

}  // namespace weir
