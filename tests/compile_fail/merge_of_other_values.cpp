// error: (no matching function|cannot convert|could not convert|no known conversion).*Stream
#include <weir/stream.h>

const weir::Topic<std::string, std::int64_t> kIn{"in"};
const weir::Topic<std::string, std::int64_t> kMore{"more"};
const weir::Topic<std::string, std::string> kText{"text"};

void both(weir::Builder& builder) {
#ifdef MISUSE
  builder.stream(kIn).merge(builder.stream(kText));
#else
  builder.stream(kIn).merge(builder.stream(kMore));
#endif
}
