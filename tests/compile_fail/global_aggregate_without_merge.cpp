// error: a global aggregate adds up in each task and merges what the tasks have
#include <weir/stream.h>

using namespace std::chrono_literals;

struct Last {
  std::int64_t value = 0;
  void add(std::int64_t next) { value = next; }
  void write(std::string& out) const { weir::append_zigzag(out, value); }
  bool read(std::string_view& in) { return weir::read_zigzag(in, value); }
};

const weir::Topic<std::string, std::int64_t> kIn{"in"};

void last(weir::Builder& builder) {
  const weir::Windows windows{.size = 1min};
#ifdef MISUSE
  builder.stream(kIn).group_all().windowed(windows).aggregate("last", Last{}, &Last::add);
#else
  builder.stream(kIn).group_by_key().windowed(windows).aggregate("last", Last{}, &Last::add);
#endif
}
