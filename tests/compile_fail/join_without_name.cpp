// error: no matching function for call to .*join\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kLeft{"left"};
const weir::Topic<std::string, std::int64_t> kRight{"right"};

void join(weir::Builder& builder) {
  const auto sum = [](std::int64_t l, std::int64_t r) { return l + r; };
  const auto right = builder.stream(kRight);
#ifdef MISUSE
  builder.stream(kLeft).join(right, sum, weir::JoinOptions{.within = 1min});
#else
  builder.stream(kLeft).join("sums", right, sum, weir::JoinOptions{.within = 1min});
#endif
}
