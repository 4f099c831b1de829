// error: this type cannot lie in a topic: give it a weir::JsonOf binding or a weir::Serde
#include <weir/stream.h>

struct Plain {
  int n = 0;
};
#ifdef MISUSE
const weir::Topic<std::string, Plain> kIn{"in"};
#else
const weir::Topic<std::string, int> kIn{"in"};
#endif
