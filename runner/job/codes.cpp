#include "job/diagnostic.h"
namespace weir::job {
std::span<const CodePage> code_pages() { return {}; }
}  // namespace weir::job
