// error: no matching function for call to .*updates\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void visits(weir::Builder& builder) {
  const auto grouped = builder.stream(kIn).group_by_key();
#ifdef MISUSE
  grouped.windowed(weir::Windows{.size = 1min}).updates().count("visits");
#else
  grouped.windowed(weir::Session{.gap = 1min}).updates().count("visits");
#endif
}
