// A small generator whose numbers are the same everywhere, so that a seed replays a run.
#pragma once

#include <cstdint>

namespace weir::sim {

class Random {  // splitmix64
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
  }
  // 0 ... limit - 1. REQUIRES: limit > 0.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }

 private:
  std::uint64_t state_;
};

}  // namespace weir::sim
