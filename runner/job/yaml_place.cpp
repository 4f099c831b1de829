// From a character of a scalar's text back to the file.
//
// YAML drops quotes, folds lines and reads escapes, but it never changes the order of what is left.
// So both texts are walked side by side: each visible character is found again behind whatever
// white space the file has there.
#include <algorithm>

#include "job/yaml.h"

namespace weir::job {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::size_t escape_length(std::string_view text, std::size_t at) {
  const char kind = at + 1 < text.size() ? text[at + 1] : ' ';
  if (kind == 'x') return 4;
  if (kind == 'u') return 6;
  if (kind == 'U') return 10;
  return 2;
}

std::size_t text_start(std::string_view file, const Node& scalar) {
  const std::size_t offset = scalar.place.offset;
  if (scalar.style == Node::Style::plain) return offset;
  if (scalar.style != Node::Style::block) return offset + 1;
  const std::size_t line_end = file.find('\n', offset);
  return line_end == std::string_view::npos ? file.size() : line_end + 1;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::size_t offset_in_file(const Source& source, const Node& scalar, std::size_t index) {
  if (scalar.from_outside || scalar.place.nowhere()) return scalar.place.offset;
  const std::string_view file = source.text();
  const bool escapes = scalar.style == Node::Style::double_quoted;
  std::size_t at = std::min(text_start(file, scalar), file.size());
  std::size_t here = at;
  for (std::size_t i = 0; i <= index && i < scalar.text.size(); ++i) {
    const char c = scalar.text[i];
    // A line that ends with a backslash goes on without a blank.
    while (escapes && at + 1 < file.size() && file[at] == '\\' && is_blank(file[at + 1]) &&
           file[at + 1] != ' ') {
      at += 2;
    }
    if (is_blank(c)) {
      here = at;
      if (escapes && at < file.size() && file[at] == '\\') {
        at += escape_length(file, at);
      } else if (at < file.size() && file[at] == c) {
        ++at;
      }
      continue;
    }
    while (at < file.size() && is_blank(file[at])) ++at;
    if (escapes && at < file.size() && file[at] == '\\') {
      here = at;
      at += escape_length(file, at);
      // One escape may stand for several bytes of text.
      while (i + 1 < scalar.text.size() && i < index && is_continuation(scalar.text[i + 1])) ++i;
      continue;
    }
    here = at;
    at += scalar.style == Node::Style::single_quoted && c == '\'' ? 2 : 1;
  }
  if (index >= scalar.text.size()) here = at;
  return std::min(here, file.size());
}

Place place_in_file(const Source& source, const Node& scalar, std::size_t first, std::size_t last) {
  if (scalar.from_outside || scalar.place.nowhere()) return scalar.place;
  const std::size_t start = offset_in_file(source, scalar, first);
  if (last <= first) return {start, 1};
  const std::size_t end = offset_in_file(source, scalar, last - 1) + 1;
  return {start, std::max<std::size_t>(1, end - start)};
}

}  // namespace weir::job
