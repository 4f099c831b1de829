// Random numbers that are the same on every machine: a seed replays a stream of records.
#pragma once

#include <cmath>
#include <cstdint>

namespace weir::generate {

// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  // 0 <= x < 1.
  double share() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  // first <= x <= last. REQUIRES: first <= last.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    const auto span = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
    if (span == 0) return static_cast<std::int64_t>(next());
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + next() % span);
  }
  // 1 to `count`, small numbers more often: about as one over the number.
  std::int64_t skewed(std::int64_t count) {
    const double drawn = std::exp(share() * std::log(static_cast<double>(count) + 1));
    const auto whole = static_cast<std::int64_t>(drawn);
    return whole < 1 ? 1 : (whole > count ? count : whole);
  }

 private:
  std::uint64_t state_;
};

}  // namespace weir::generate
