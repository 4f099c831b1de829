// SHA-256: tells versions of a job apart in metrics.
#pragma once

#include <string>
#include <string_view>

namespace weir::http {

// In 64 hexadecimal digits.
std::string sha256_hex(std::string_view text);

}  // namespace weir::http
