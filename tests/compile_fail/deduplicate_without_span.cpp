// error: no matching function for call to .*deduplicate\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void once(weir::Builder& builder) {
  const auto id = [](std::int64_t n) { return n; };
#ifdef MISUSE
  builder.stream(kIn).deduplicate("once", id);
#else
  builder.stream(kIn).deduplicate("once", id, {.within = 1h});
#endif
}
