#include "sink/address.h"

#include <algorithm>
#include <cctype>

namespace weir::sink {

namespace {

Error unclear() {
  return {"the address of the server is not clear",
          "in user and password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 for #, %25 "
          "for %"};
}

// Whether every % begins a character in hex.
bool is_percent_encoded(std::string_view text) {
  const auto is_hex = [&](std::size_t at) {
    return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
  };
  for (std::size_t at = 0; (at = text.find('%', at)) != std::string_view::npos; ++at) {
    if (!is_hex(at + 1) || !is_hex(at + 2)) return false;
  }
  return true;
}

}  // namespace

Status check_login(std::string_view uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view rest = uri.substr(scheme + 3);
  const auto ats = std::count(rest.begin(), rest.end(), '@');
  if (ats == 0) return {};
  const std::string_view login = rest.substr(0, rest.find('@'));
  const bool is_clear = ats == 1 && login.find_first_of("/?#") == std::string_view::npos &&
                        std::count(login.begin(), login.end(), ':') <= 1 &&
                        is_percent_encoded(login);
  return is_clear ? Status() : unclear();
}

}  // namespace weir::sink
