// Text that fits a terminal.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

inline constexpr std::size_t kPageColumns = 80;

// Lines of at most `columns` characters, broken at blanks; those after the first begin with
// `indent` blanks, and so many of `first` columns are taken already. Line ends in `text` begin
// paragraphs.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t first,
                    std::size_t columns = kPageColumns);

// Each line of `text` by itself, what does not fit it two blanks further in than it begins.
std::string fitted(std::string_view text, std::size_t columns);

// Lines with values in them, broken behind a comma or a blank where one is near enough, and
// anywhere else where none is; what does not fit a line goes on `indent` blanks further in.
std::string folded(std::string_view text, std::size_t indent, std::size_t columns);

// Paragraphs, which blank lines part, with lines as long as fit. Lines that begin with a blank
// stay.
std::string reflowed(std::string_view text, std::size_t columns);

// The first `columns` characters of each line; colours count for nothing.
std::string clipped(std::string_view text, std::size_t columns);

}  // namespace weir::cli
