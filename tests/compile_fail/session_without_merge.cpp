// error: merge
#include <weir/stream.h>

using namespace std::chrono_literals;

struct Last {
  std::int64_t value = 0;
  void add(std::int64_t next) { value = next; }
#ifdef MISUSE
  void combine(const Last& later) { value = later.value; }
#else
  void merge(const Last& later) { value = later.value; }
#endif
  void write(std::string& out) const { weir::append_zigzag(out, value); }
  bool read(std::string_view& in) { return weir::read_zigzag(in, value); }
};

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void visits(weir::Builder& builder) {
  builder.stream(kIn)
      .group_by_key()
      .windowed(weir::Session{.gap = 1min})
      .aggregate("last", Last{}, &Last::add);
}
