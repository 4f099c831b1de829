// The file of an LMDB environment, before LMDB opens it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace weir::state {

inline constexpr const char* kLmdbFile = "data.mdb";

// What is wrong with the LMDB file of `directory`, as far as its header and its size tell; nothing
// when it is sound or absent. LMDB maps what this passes: reading beyond the end of a truncated
// file, as a damaged header would make it do, is a SIGBUS and not an error. It keeps no checksums,
// so damage inside a page that the header does not show is not found here.
std::optional<std::string> file_damage(const std::filesystem::path& directory);

}  // namespace weir::state
