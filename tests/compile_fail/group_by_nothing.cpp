// error: no matching function for call to .*group_by\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void count(weir::Builder& builder) {
#ifdef MISUSE
  const auto grouped = builder.stream(kIn).group_by();
#else
  const auto grouped = builder.stream(kIn).group_by_key();
#endif
  grouped.windowed(weir::Windows{.size = 1min}).count("counts");
}
