// HyperLogLog: how many different values, approximately, in fixed memory.
//
// Written form, version 1 (varint as in bytes.h):
//   hll     = precision:byte form:byte body
//   form    = 0 sparse | 1 dense | 2 raised
//   sparse  = varint(n) varint(code) varint(code - previous)*      ascending places
//   dense   = 2^precision registers of 6 bits, the first in the low bits of the first byte
//   raised  = as sparse; the codes behind registers that rose since the last `told()`
//   code    = place:25 bits, rank:6 bits
// place is the top 25 bits of the hash (detail/aggregate_hash.h), rank the position of the first 1
// in the other 39, 40 if there is none. A register takes the top `precision` bits as its number,
// and in the same way the position of the first 1 behind them.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <weir/bytes.h>
#include <weir/detail/aggregate_hash.h>

namespace weir {

// The error is a standard error: about 68 % of all results lie within it, 95 % within twice it.
// Few values are kept as a set of 25-bit hashes (sparse), so that small results are nearly exact;
// when that set would need more memory than the registers, it becomes those (dense). The form, the
// result and the written bytes depend only on which values were added, not on their order, their
// repeats or the way they were split over partials.
//
//   Hll users(0.01);               // at most 16 KiB
//   users.add("ann");
//   std::int64_t n = users.value();
class Hll {
 public:
  static constexpr int kPrecisionMin = 7;  // Below, the stated error would not hold.
  static constexpr int kPrecisionMax = 18;

  // Whether some precision has this standard error or less.
  static bool is_possible(double error);
  // The smallest precision p with 1.04 / sqrt(2^p) <= error. REQUIRES: is_possible(error).
  explicit Hll(double error = 0.01);
  static Hll with_precision(int precision);

  void add(std::string_view value) { add_hash(detail::lasting_hash(value)); }
  void add(std::int64_t value) { add_hash(detail::hash_int(static_cast<std::uint64_t>(value))); }
  void add_hash(std::uint64_t hash) {
    if (!registers_.empty()) {
      const auto place = static_cast<std::size_t>(hash >> (64 - precision_));
      const auto rank = static_cast<std::uint8_t>(
          std::countl_zero(hash << precision_ | std::uint64_t{1} << (precision_ - 1)) + 1);
      if (rank <= registers_[place]) return;
    }
    add_code(code_of(hash));
  }
  // Of two precisions the lower one stays.
  void merge(const Hll& other);
  void clear();  // Keeps the precision and the memory.

  std::int64_t value() const;
  double estimate() const;
  double error() const;
  int precision() const { return precision_; }
  bool is_sparse() const { return registers_.empty(); }
  std::size_t memory() const;

  // `read` takes over the written precision, and leaves the sketch empty when it returns false.
  void write(std::string& out) const;
  bool read(Bytes& in);

  // News: what changed since the last `told()`; everything, before the first. Written news merge
  // into another Hll as the whole would; `read` takes them, too.
  bool has_news() const;
  void write_news(std::string& out) const;
  bool merge_news(Bytes& in);
  void told();

  // The same values, as far as both can tell. News do not matter.
  bool operator==(const Hll& other) const;

 private:
  using Code = std::uint32_t;
  static constexpr int kPlaceBits = 25;
  static constexpr int kRankBits = 6;

  static Code code_of(std::uint64_t hash) {
    const std::uint64_t rest = hash << kPlaceBits | std::uint64_t{1} << (kPlaceBits - 1);
    const auto rank = static_cast<Code>(std::countl_zero(rest) + 1);
    return static_cast<Code>(hash >> (64 - kPlaceBits)) << kRankBits | rank;
  }

  std::size_t codes_max() const;
  void add_code(Code code);
  bool add_sparse(Code code);
  bool raise(Code code);
  void lower_precision(int precision);
  Code code_of_register(std::size_t place) const;
  void grow_table(std::size_t slots);
  void make_dense();
  void note_news(Code code);
  std::vector<Code> sorted_codes() const;
  void write_registers(std::string& out) const;
  bool merge_registers(Bytes& in);
  double estimate_dense() const;

  int precision_ = 14;
  std::vector<Code> codes_;  // Sparse: open addressing by place, 0 is free.
  std::size_t codes_used_ = 0;
  std::vector<std::uint8_t> registers_;  // Dense: empty until then.
  std::vector<Code> news_;
  bool all_is_news_ = true;
};

}  // namespace weir
