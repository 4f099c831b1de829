// error: a store needs a weir::StateSerde
#include <weir/stream.h>

struct Plain {
  int n = 0;
};
#ifdef MISUSE
const weir::KeyValueStore<std::string, Plain> kStore{"store"};
#else
const weir::KeyValueStore<std::string, int> kStore{"store"};
#endif

struct Keeping {
  using Out = weir::Record<std::string, int>;
  void process(const Out& record, weir::Context<Out>& ctx) { ctx.store(kStore).erase(record.key); }
};

const weir::Topic<std::string, int> kIn{"in"};

void keep(weir::Builder& builder) { builder.stream(kIn).process("keep", Keeping{}, {kStore}); }
