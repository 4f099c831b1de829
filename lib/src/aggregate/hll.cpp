#include <algorithm>
#include <array>
#include <cmath>

#include <weir/detail/aggregate_hll.h>
#include <weir/error.h>

namespace weir {
namespace {

constexpr char kSparse = 0;
constexpr char kDense = 1;
constexpr char kRaised = 2;
constexpr double kErrorFactor = 1.04;

void append_codes(std::string& out, const std::vector<std::uint32_t>& codes) {
  append_varint(out, codes.size());
  std::uint32_t previous = 0;
  for (std::uint32_t code : codes) {
    append_varint(out, code - previous);
    previous = code;
  }
}

// Takes ascending codes off `in` and gives each to `use`; false when they are damaged.
template <class Use>
bool read_codes(Bytes& in, std::uint32_t place_bits, std::uint32_t rank_bits, Use use) {
  const std::uint32_t rank_max = 64 - place_bits + 1;
  std::uint64_t left = 0;
  if (!read_varint(in, left) || left > in.size()) return false;
  std::uint64_t code = 0;
  for (bool first = true; left > 0; --left, first = false) {
    std::uint64_t step = 0;
    if (!read_varint(in, step) || step >> (place_bits + rank_bits) != 0) return false;
    if (step == 0 && !first) return false;
    code += step;
    const std::uint64_t rank = code & ((std::uint64_t{1} << rank_bits) - 1);
    if (code >> (place_bits + rank_bits) != 0 || rank == 0 || rank > rank_max) return false;
    use(static_cast<std::uint32_t>(code));
  }
  return true;
}

// Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017): no
// bias over the whole range, without tables of measured corrections.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

bool Hll::is_possible(double error) {
  return error < 1 && error >= kErrorFactor / std::sqrt(std::ldexp(1.0, kPrecisionMax));
}

Hll::Hll(double error) {
  check(is_possible(error), "the error of an approximate count is between 0.0021 and 1");
  precision_ = kPrecisionMin;
  while (this->error() > error) ++precision_;
}

Hll Hll::with_precision(int precision) {
  check(kPrecisionMin <= precision && precision <= kPrecisionMax, "a precision is 7 to 18");
  Hll made;
  made.precision_ = precision;
  return made;
}

double Hll::error() const { return kErrorFactor / std::sqrt(std::ldexp(1.0, precision_)); }

// A table of codes at most three quarters full takes, at its largest, the memory of the registers.
std::size_t Hll::codes_max() const { return (std::size_t{1} << precision_) / 4 * 3 / 4; }

std::size_t Hll::memory() const {
  return registers_.capacity() + (codes_.capacity() + news_.capacity()) * sizeof(Code);
}

void Hll::add_code(Code code) {
  const bool changed = is_sparse() ? add_sparse(code) : raise(code);
  if (changed && !all_is_news_) note_news(code);
}

bool Hll::add_sparse(Code code) {
  if (codes_.empty()) grow_table(8);
  const Code place = code >> kRankBits;
  const std::size_t mask = codes_.size() - 1;
  for (std::size_t at = place & mask;; at = (at + 1) & mask) {
    if (codes_[at] >> kRankBits == place && codes_[at] != 0) {
      if (codes_[at] >= code) return false;
      codes_[at] = code;
      return true;
    }
    if (codes_[at] != 0) continue;
    if (codes_used_ == codes_max()) {
      make_dense();
      return raise(code);
    }
    if ((codes_used_ + 1) * 4 > codes_.size() * 3) {
      grow_table(codes_.size() * 2);
      return add_sparse(code);
    }
    codes_[at] = code;
    ++codes_used_;
    return true;
  }
}

void Hll::grow_table(std::size_t slots) {
  const auto old = std::exchange(codes_, std::vector<Code>(slots));
  codes_used_ = 0;
  for (Code code : old) {
    if (code != 0) add_sparse(code);
  }
}

bool Hll::raise(Code code) {
  const int extra = kPlaceBits - precision_;
  const Code place = code >> kRankBits;
  const Code extra_bits = place & ((Code{1} << extra) - 1);
  const int rank = extra_bits == 0 ? extra + static_cast<int>(code & ((Code{1} << kRankBits) - 1))
                                   : extra - static_cast<int>(std::bit_width(extra_bits)) + 1;
  std::uint8_t& old = registers_[place >> extra];
  if (rank <= old) return false;
  old = static_cast<std::uint8_t>(rank);
  return true;
}

// Some code that sets the register to what it is.
Hll::Code Hll::code_of_register(std::size_t place) const {
  const int extra = kPlaceBits - precision_;
  const int rank = registers_[place];
  const Code top = static_cast<Code>(place) << (extra + kRankBits);
  if (rank > extra) return top | static_cast<Code>(rank - extra);
  return top | Code{1} << (extra - rank + kRankBits) | 1;
}

void Hll::make_dense() {
  if (!is_sparse()) return;
  registers_.assign(std::size_t{1} << precision_, 0);
  for (Code code : codes_) {
    if (code != 0) raise(code);
  }
  codes_ = std::vector<Code>();  // Gives the memory back.
  codes_used_ = 0;
}

void Hll::note_news(Code code) {
  // News as long as the whole are no saving: then the whole is told again.
  if (news_.size() * 4 >= std::size_t{1} << precision_) {
    all_is_news_ = true;
    news_ = std::vector<Code>();
  } else {
    news_.push_back(code);
  }
}

void Hll::merge(const Hll& other) {
  if (&other == this) return;
  if (precision_ > other.precision_) lower_precision(other.precision_);
  for (Code code : other.codes_) {
    if (code != 0) add_code(code);
  }
  if (other.is_sparse()) return;
  make_dense();
  for (std::size_t i = 0; i < other.registers_.size(); ++i) {
    if (other.registers_[i] != 0) add_code(other.code_of_register(i));
  }
}

void Hll::lower_precision(int precision) {
  Hll lower = with_precision(precision);
  lower.merge(*this);
  *this = std::move(lower);
}

void Hll::clear() {
  std::fill(codes_.begin(), codes_.end(), 0);
  codes_used_ = 0;
  registers_.clear();
  news_.clear();
  all_is_news_ = true;
}

std::int64_t Hll::value() const { return std::llround(estimate()); }

double Hll::estimate() const {
  if (!is_sparse()) return estimate_dense();
  const double places = std::ldexp(1.0, kPlaceBits);
  return -places * std::log1p(-static_cast<double>(codes_used_) / places);
}

double Hll::estimate_dense() const {
  const int ranks = 64 - precision_;
  std::array<int, 66> counts{};
  for (std::uint8_t rank : registers_) ++counts[rank];
  const auto size = static_cast<double>(registers_.size());
  const auto at = [&](int rank) {
    return static_cast<double>(counts[static_cast<unsigned>(rank)]);
  };
  double sum = size * tau(1 - at(ranks + 1) / size);
  for (int rank = ranks; rank > 0; --rank) sum = 0.5 * (sum + at(rank));
  sum += size * sigma(at(0) / size);
  return size * size / (2 * std::log(2.0) * sum);
}

std::vector<Hll::Code> Hll::sorted_codes() const {
  std::vector<Code> sorted;
  sorted.reserve(codes_used_);
  std::copy_if(codes_.begin(), codes_.end(), std::back_inserter(sorted),
               [](Code code) { return code != 0; });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

void Hll::write(std::string& out) const {
  out.push_back(static_cast<char>(precision_));
  out.push_back(is_sparse() ? kSparse : kDense);
  if (is_sparse()) {
    append_codes(out, sorted_codes());
  } else {
    write_registers(out);
  }
}

void Hll::write_registers(std::string& out) const {
  for (std::size_t i = 0; i < registers_.size(); i += 4) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      bits |= static_cast<std::uint32_t>(registers_[i + j]) << (6 * j);
    }
    for (int shift = 0; shift < 24; shift += 8) out.push_back(static_cast<char>(bits >> shift));
  }
}

bool Hll::read(Bytes& in) {
  clear();
  if (in.empty() || in[0] < kPrecisionMin || in[0] > kPrecisionMax) return false;
  if (in[0] != precision_) *this = with_precision(in[0]);
  if (merge_news(in)) return true;
  clear();
  return false;
}

bool Hll::merge_news(Bytes& in) {
  if (in.size() < 2 || in[0] < kPrecisionMin || in[0] > kPrecisionMax) return false;
  if (in[0] != precision_) {
    Hll other = with_precision(in[0]);
    if (!other.merge_news(in)) return false;
    merge(other);
    return true;
  }
  const char form = in[1];
  Bytes rest = in.substr(2);
  if (form == kDense) {
    if (!merge_registers(rest)) return false;
  } else if (form == kSparse || form == kRaised) {
    Bytes dry = rest;
    if (!read_codes(dry, kPlaceBits, kRankBits, [](Code) {})) return false;
    if (form == kRaised) make_dense();
    // Cannot fail: it has just been read.
    (void)read_codes(rest, kPlaceBits, kRankBits, [this](Code code) { add_code(code); });
  } else {
    return false;
  }
  in = rest;
  return true;
}

bool Hll::merge_registers(Bytes& in) {
  Hll other = with_precision(precision_);
  other.registers_.resize(std::size_t{1} << precision_);
  const std::size_t size = other.registers_.size() / 4 * 3;
  if (in.size() < size) return false;
  for (std::size_t i = 0; i < other.registers_.size(); ++i) {
    const std::size_t bit = i * 6;
    const auto low = static_cast<unsigned char>(in[bit / 8]);
    const auto high = bit % 8 > 2 ? static_cast<unsigned char>(in[bit / 8 + 1]) : 0;
    const int rank = (high << 8 | low) >> (bit % 8) & 63;
    if (rank > 64 - precision_ + 1) return false;
    other.registers_[i] = static_cast<std::uint8_t>(rank);
  }
  in.remove_prefix(size);
  merge(other);
  return true;
}

bool Hll::has_news() const {
  if (!all_is_news_) return !news_.empty();
  return codes_used_ > 0 || !is_sparse();
}

void Hll::write_news(std::string& out) const {
  if (all_is_news_) return write(out);
  auto sorted = news_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  out.push_back(static_cast<char>(precision_));
  out.push_back(is_sparse() ? kSparse : kRaised);
  append_codes(out, sorted);
}

void Hll::told() {
  news_.clear();
  all_is_news_ = false;
}

bool Hll::operator==(const Hll& other) const {
  if (precision_ != other.precision_ || is_sparse() != other.is_sparse()) return false;
  return is_sparse() ? sorted_codes() == other.sorted_codes() : registers_ == other.registers_;
}

}  // namespace weir
