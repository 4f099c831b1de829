// error: no matching function for call to .*join\(
#include <weir/stream.h>

using namespace std::chrono_literals;

struct Order {};
const weir::Topic<std::string, std::int64_t> kLeft{"left"};
const weir::Topic<std::string, std::int64_t> kRight{"right"};

void join(weir::Builder& builder) {
#ifdef MISUSE
  const auto joiner = [](const Order&, std::int64_t r) { return r; };
#else
  const auto joiner = [](std::int64_t, std::int64_t r) { return r; };
#endif
  builder.stream(kLeft).join("pairs", builder.stream(kRight), joiner, {.within = 1min});
}
