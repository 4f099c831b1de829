// error: no matching function for call to .*reduce\(
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::string> kIn{"in"};

void last(weir::Builder& builder) {
#ifdef MISUSE
  const auto fold = [](std::int64_t value) { return value; };
#else
  const auto fold = [](std::string& into, const std::string& next) { into = next; };
#endif
  builder.stream(kIn).group_by_key().windowed(weir::Windows{.size = 1min}).reduce("last", fold);
}
