// The version of this library.
#pragma once

#include <string_view>

namespace weir {

inline constexpr std::string_view kVersion = "1.0.0";

}  // namespace weir
