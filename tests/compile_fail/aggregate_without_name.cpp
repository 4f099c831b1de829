// error: no matching function for call to .*count\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void count(weir::Builder& builder) {
  const auto minutes = builder.stream(kIn).group_by_key().windowed(weir::Windows{.size = 1min});
#ifdef MISUSE
  minutes.count();
#else
  minutes.count("counts");
#endif
}
