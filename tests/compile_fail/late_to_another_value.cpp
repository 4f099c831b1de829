// error: cannot convert .*Topic
#include <weir/stream.h>

using namespace std::chrono_literals;

const weir::Topic<std::string, std::int64_t> kIn{"in"};
#ifdef MISUSE
const weir::Topic<std::string, std::string> kLate{"late"};
#else
const weir::Topic<std::string, std::int64_t> kLate{"late"};
#endif

void count(weir::Builder& builder) {
  const weir::Windows windows{.size = 1min};
  builder.stream(kIn).group_by_key().windowed(windows).late_to(kLate).count("counts");
}
