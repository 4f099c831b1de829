// error: these records have no key
#include <weir/weir.h>

const weir::Topic<weir::NoKey, std::int64_t> kIn{"in"};

void plan(weir::Builder& builder) {
#ifdef MISUSE
  builder.stream(kIn).group_by_key().windowed(weir::Windows{.size = weir::Duration{1}}).count("c");
#else
  builder.stream(kIn).group_all().windowed(weir::Windows{.size = weir::Duration{1}}).count("c");
#endif
}
