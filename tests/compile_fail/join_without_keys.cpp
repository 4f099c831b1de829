// error: records without keys cannot be joined: rekey both first
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<weir::NoKey, std::int64_t> kLeft{"left"};
const weir::Topic<weir::NoKey, std::int64_t> kRight{"right"};

void join(weir::Builder& builder) {
  const auto sum = [](std::int64_t l, std::int64_t r) { return l + r; };
  const auto left = builder.stream(kLeft);
  const auto right = builder.stream(kRight);
#ifdef MISUSE
  left.join("sums", right, sum, {.within = 1min});
#else
  const auto parity = [](std::int64_t n) { return n % 2; };
  left.rekey(parity).join("sums", right.rekey(parity), sum, {.within = 1min});
#endif
}
