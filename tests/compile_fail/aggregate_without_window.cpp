// error: has no member named 'count'
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void count(weir::Builder& builder) {
  const auto grouped = builder.stream(kIn).group_by_key();
#ifdef MISUSE
  grouped.count("counts");
#else
  grouped.windowed(weir::Windows{.size = 1min}).count("counts");
#endif
}
