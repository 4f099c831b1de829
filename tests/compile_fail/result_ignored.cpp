// error: ignoring returned value of type .weir::Status.* \[-Werror=unused-result\]
#pragma GCC diagnostic error "-Wunused-result"
#include <weir/error.h>

weir::Status parse(int number);

bool parses(int number) {
#ifdef MISUSE
  parse(number);
#endif
  return static_cast<bool>(parse(number));
}
