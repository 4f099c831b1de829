// error: use of deleted function .*Record
#include <weir/stream.h>

using Number = weir::Record<std::string, int>;

struct Remembering {
  using Out = Number;
  int last = 0;
  void process(const Number& record, weir::Context<Out>& ctx) {
#ifdef MISUSE
    const Number kept = record;
    last = kept.value;
#else
    last = record.value;
#endif
    ctx.forward(record.with_value(last));
  }
};

const weir::Topic<std::string, int> kIn{"in"};

void remember(weir::Builder& builder) { builder.stream(kIn).process("last", Remembering{}); }
