// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::json {

// The first byte that is not part of valid UTF-8; npos when all of it is valid.
std::size_t find_invalid_utf8(std::string_view text);

void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace weir::json
