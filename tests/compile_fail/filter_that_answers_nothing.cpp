// error: no matching function for call to .*filter\(
#include <weir/stream.h>

const weir::Topic<std::string, std::int64_t> kIn{"in"};
const weir::Topic<std::string, std::int64_t> kOut{"out"};

void some(weir::Builder& builder) {
#ifdef MISUSE
  const auto keep = [](std::int64_t) {};
#else
  const auto keep = [](std::int64_t value) { return value > 0; };
#endif
  builder.stream(kIn).filter(keep).to(kOut);
}
