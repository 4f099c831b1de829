// error: no matching function for call to .*process\(
#include <weir/stream.h>

using Number = weir::Record<std::string, std::int64_t>;
const weir::Topic<std::string, std::int64_t> kIn{"in"};

struct Copy {
#ifdef MISUSE
  using Result = Number;
#else
  using Out = Number;
#endif
  template <class C>
  void process(const Number& record, C& ctx) {
    ctx.forward(record);
  }
};

void copy(weir::Builder& builder) { builder.stream(kIn).process("copy", Copy{}); }
