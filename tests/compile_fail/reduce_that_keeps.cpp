// error: reduce\(\) needs a function without captures
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void sum(weir::Builder& builder, [[maybe_unused]] std::int64_t factor) {
#ifdef MISUSE
  const auto fold = [factor](std::int64_t& into, std::int64_t next) { into += factor * next; };
#else
  const auto fold = [](std::int64_t& into, std::int64_t next) { into += next; };
#endif
  builder.stream(kIn).group_by_key().windowed(weir::Windows{.size = 1min}).reduce("sum", fold);
}
