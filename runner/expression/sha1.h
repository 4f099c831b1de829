// SHA-1, for version 5 UUIDs and nothing else: it is no protection against anybody.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::expression {

// The digest of `first` followed by `second`.
std::array<unsigned char, 20> sha1(std::string_view first, std::string_view second);

}  // namespace weir::expression
