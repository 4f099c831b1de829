// Any bytes as a number: what is read equals a slow calculation in 128 bits, and reads back the
// same from its own text.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include <weir/decimal.h>

namespace {

using weir::Int128;

void require(bool good) {
  if (!good) std::abort();
}

// Digits and an exponent of a number that is short enough; the text is known to be valid.
bool take_apart(std::string_view text, Int128& digits, int& exponent) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    if (text.size() - e > 4) return false;
    exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
    text = text.substr(0, e);
  }
  if (text.size() > 20) return false;
  bool behind_dot = false;
  for (const char c : text) {
    if (c == '.') {
      behind_dot = true;
    } else {
      digits = digits * 10 + (c - '0');
      if (behind_dot) --exponent;
    }
  }
  if (negative) digits = -digits;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const int places = bytes[0] % (weir::kDecimalPlacesMax + 1);
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  std::int64_t units = 0;
  const bool fits = static_cast<bool>(weir::parse_decimal(text, places, units));
  if (fits) {
    std::string written;
    weir::append_decimal(written, units, places);
    std::int64_t again = 0;
    require(static_cast<bool>(weir::parse_decimal(written, places, again)) && again == units);
  }
  Int128 digits = 0;
  int exponent = 0;
  if (!fits || !take_apart(text, digits, exponent)) return 0;
  if (exponent < -18 || exponent + places > 18) return 0;
  const std::optional<std::int64_t> expected = weir::rescale(digits, -exponent, places);
  require(expected && *expected == units);
  return 0;
}
