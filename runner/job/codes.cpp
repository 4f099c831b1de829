#include "job/codes.h"

#include <algorithm>

namespace weir::job {

std::span<const CodePage> code_pages() {
  static const std::vector<CodePage> kAll = [] {
    std::vector<CodePage> all;
    for (const auto family : {yaml_pages(), name_pages(), topology_pages(), outside_pages()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    std::sort(all.begin(), all.end(),
              [](const CodePage& a, const CodePage& b) { return a.code < b.code; });
    return all;
  }();
  return kAll;
}

}  // namespace weir::job
