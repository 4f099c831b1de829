// error: no matching function for call to .*windowed\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void count(weir::Builder& builder) {
  const auto grouped = builder.stream(kIn).group_by_key();
#ifdef MISUSE
  grouped.windowed(1min).count("counts");
#else
  grouped.windowed({.size = 1min}).count("counts");
#endif
}
