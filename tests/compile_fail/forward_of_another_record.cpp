// error: cannot convert .*Record|no matching function for call to .*forward\(
#include <weir/stream.h>

struct Lengths {
  using Out = weir::Record<std::string, int>;
  void process(const weir::Record<std::string, std::string>& record, weir::Context<Out>& ctx) {
#ifdef MISUSE
    ctx.forward(record);
#else
    ctx.forward(record.with_value(static_cast<int>(record.value.size())));
#endif
  }
};

const weir::Topic<std::string, std::string> kIn{"in"};

void lengths(weir::Builder& builder) { builder.stream(kIn).process("lengths", Lengths{}); }
