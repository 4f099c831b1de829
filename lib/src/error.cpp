#include <cstdio>
#include <cstdlib>

#include <weir/error.h>

namespace weir {

std::string Error::to_string() const {
  std::string all = text;
  if (position != kNowhere) all += " at byte " + std::to_string(position);
  if (!hint.empty()) all += " (" + hint + ")";
  return all;
}

void check(bool ok, std::string_view what, const char* file, unsigned line) {
  if (ok) return;
  std::fprintf(stderr, "weir: %s:%u: %.*s\n", file, line, static_cast<int>(what.size()),
               what.data());
  std::abort();
}

}  // namespace weir
