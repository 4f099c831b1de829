// error: (no matching function|cannot convert|could not convert|no known conversion|invalid)
#include <weir/stream.h>

const weir::Topic<std::string, std::int64_t> kIn{"in"};
const weir::Topic<std::string, std::int64_t> kOut{"out"};
const weir::Topic<std::string, std::string> kText{"text"};

void copy(weir::Builder& builder) {
#ifdef MISUSE
  builder.stream(kIn).to(kText);
#else
  builder.stream(kIn).to(kOut);
#endif
}
