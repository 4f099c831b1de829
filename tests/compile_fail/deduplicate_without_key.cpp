// error: these records have no key: rekey them by the id
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<weir::NoKey, std::int64_t> kIn{"in"};

void once(weir::Builder& builder) {
  const auto id = [](std::int64_t n) { return n; };
#ifdef MISUSE
  builder.stream(kIn).deduplicate("once", id, {.within = 1h});
#else
  builder.stream(kIn).rekey(id).deduplicate("once", id, {.within = 1h});
#endif
}
