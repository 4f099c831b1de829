// What lies in a state directory, held against what a topology keeps.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/layout.h"
#include <weir/preview.h>
#include <weir/topology.h>

namespace weir::engine {

// `directory`: the job's own. `layout` gives the tasks of each sub-topology. Changelogs are not
// looked at: a store that is not here is `fresh`.
std::vector<Preview::Store> preview_stores(const Topology& topology, const Layout& layout,
                                           const std::filesystem::path& directory);

}  // namespace weir::engine
