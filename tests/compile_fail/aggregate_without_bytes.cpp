// error: an aggregate lies in a store: give it members
#include <weir/stream.h>

using namespace std::chrono_literals;

struct Sum {
  std::int64_t value = 0;
  void add(std::int64_t next) { value += next; }
#ifdef MISUSE
  void print() const {}
#else
  void write(std::string& out) const { weir::append_zigzag(out, value); }
  bool read(std::string_view& in) { return weir::read_zigzag(in, value); }
#endif
};

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void sums(weir::Builder& builder) {
  builder.stream(kIn).group_by_key().windowed({.size = 1min}).aggregate("sum", Sum{}, &Sum::add);
}
