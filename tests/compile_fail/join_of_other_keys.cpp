// error: no matching function for call to .*join\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kLeft{"left"};
const weir::Topic<std::string, std::int64_t> kRight{"right"};
const weir::Topic<std::int64_t, std::int64_t> kNumbered{"numbered"};

void join(weir::Builder& builder) {
#ifdef MISUSE
  const auto right = builder.stream(kNumbered);
#else
  const auto right = builder.stream(kRight);
#endif
  const auto sum = [](std::int64_t l, std::int64_t r) { return l + r; };
  builder.stream(kLeft).join("pairs", right, sum, {.within = 1min});
}
