#include <weir/detail/aggregate_sum.h>
#include <weir/error.h>

namespace weir {
namespace {

constexpr std::size_t kWideBytesMax = 19;

}  // namespace

void append_wide(std::string& out, Int128 value) {
  UInt128 bits = static_cast<UInt128>(value) << 1 ^ static_cast<UInt128>(value >> 127);
  for (; bits >= 0x80; bits >>= 7) out.push_back(static_cast<char>(bits | 0x80));
  out.push_back(static_cast<char>(bits));
}

bool read_wide(Bytes& in, Int128& value) {
  UInt128 bits = 0;
  for (std::size_t i = 0; i < in.size() && i < kWideBytesMax; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == kWideBytesMax - 1 && byte > 3) return false;  // More than 128 bits.
    bits |= static_cast<UInt128>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return false;  // Longer than needed.
    value = static_cast<Int128>(bits >> 1 ^ (~(bits & 1) + 1));
    in.remove_prefix(i + 1);
    return true;
  }
  return false;
}

std::optional<std::int64_t> IntSum::value() const {
  const Int128 exact = sum();
  const auto narrow = static_cast<std::int64_t>(exact);
  if (narrow != exact) return std::nullopt;
  return narrow;
}

bool IntSum::read(Bytes& in) {
  Int128 sum = 0;
  if (!read_wide(in, sum)) return false;
  sum_ = static_cast<UInt128>(sum);
  return true;
}

double IntMean::value() const {
  check(!is_empty(), "the mean of no rows");
  constexpr Int128 kExact = Int128{1} << 53;
  const Int128 sum = sum_.sum();
  const auto rows = rows_.rows();
  // Both exact as doubles: one rounding. Beyond that the wider type keeps the second one small.
  if (sum <= kExact && sum >= -kExact && rows <= static_cast<std::uint64_t>(kExact)) {
    return static_cast<double>(sum) / static_cast<double>(rows);
  }
  return static_cast<double>(static_cast<long double>(sum) / static_cast<long double>(rows));
}

std::optional<std::int64_t> IntMean::units(int more_places) const {
  check(!is_empty(), "the mean of no rows");
  return divide_half_even(sum_.sum(), rows_.value(), more_places);
}

}  // namespace weir
