// The pages of `weir explain`, family by family.
#pragma once

#include <span>

#include "job/diagnostic.h"

namespace weir::job {

std::span<const CodePage> yaml_pages();
std::span<const CodePage> name_pages();
std::span<const CodePage> topology_pages();
std::span<const CodePage> outside_pages();

}  // namespace weir::job
