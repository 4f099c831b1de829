#include "cli/table.h"

#include <algorithm>

#include "cli/terminal.h"

namespace weir::cli {

namespace {

// Characters, which may have several bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string Table::text(std::string_view style) const {
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    std::size_t width = columns_[at].name.size();
    for (const auto& row : rows_) width = std::max(width, width_of(row[at]));
    widths.push_back(width);
  }
  const auto line = [&](auto cell) {
    std::string out;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      const std::string_view text = cell(at);
      const std::string blanks(widths[at] - width_of(text), ' ');
      out += (at == 0 ? "" : "  ") + (columns_[at].right ? blanks : "") + std::string(text);
      if (!columns_[at].right && at + 1 < columns_.size()) out += blanks;
    }
    return out;
  };
  const std::string names = line([&](std::size_t at) { return columns_[at].name; });
  std::string out = styled(names, style, !style.empty()) + "\n";
  for (const auto& row : rows_) {
    out += line([&](std::size_t at) { return std::string_view(row[at]); }) + "\n";
  }
  return out;
}

}  // namespace weir::cli
