#include "cli/layout.h"

#include <algorithm>

namespace weir::cli {

namespace {

// Bytes of the escape sequence or the character that begins at `at`, and how many columns it takes.
struct Piece {
  std::size_t bytes;
  std::size_t columns;
};

Piece piece_at(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "\033[") {
    const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
    return {(end == std::string_view::npos ? text.size() : end + 1) - at, 0};
  }
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return {end - at, 1};
}

void wrap_paragraph(std::string_view text, std::size_t indent, std::size_t& taken,
                    std::size_t columns, std::string& out) {
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && taken + 1 + word.size() > columns) {
      out += "\n" + std::string(indent, ' ');
      taken = indent;
    } else if (!first) {
      out += ' ';
      ++taken;
    }
    out += word;
    taken += word.size();
    first = false;
  }
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t first,
                    std::size_t columns) {
  std::string out;
  std::size_t taken = first;
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrap_paragraph(text.substr(0, end), indent, taken, columns, out);
    if (end == text.size()) return out;
    text.remove_prefix(end + 1);
    out += "\n" + std::string(indent, ' ');
    taken = indent;
  }
}

namespace {

// The next line of `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

namespace {

// Where a line ends that begins at `at` and has room for so many characters.
std::size_t fold_at(std::string_view line, std::size_t at, std::size_t columns) {
  std::size_t end = at;
  std::size_t good = at;
  for (std::size_t taken = 0; end < line.size() && taken < columns; ++taken) {
    end += piece_at(line, end).bytes;
    if (line[end - 1] == ',' || line[end - 1] == ' ') good = end;
  }
  // A word that is most of a line is broken.
  return end == line.size() || good - at < columns / 2 ? end : good;
}

}  // namespace

std::string folded(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  if (columns < 2 * indent + 2) return std::string(text);
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    for (std::size_t at = 0; at < line.size();) {
      const bool first = at == 0;
      if (!first) out += "\n" + std::string(indent, ' ');
      const std::size_t end = fold_at(line, at, first ? columns : columns - indent);
      out += line.substr(at, end - at);
      at = end;
    }
    out += '\n';
  }
  return out;
}

std::string fitted(std::string_view text, std::size_t columns) {
  std::string out;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    out += line.substr(0, blanks);
    out += wrapped(line.substr(blanks), blanks + 2, blanks, columns) + "\n";
  }
  return out;
}

std::string reflowed(std::string_view text, std::size_t columns) {
  std::string out, paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) out += wrapped(paragraph, 0, 0, columns) + "\n";
    paragraph.clear();
  };
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty() || line.front() == ' ') {
      end_paragraph();
      out += std::string(line) + "\n";
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + std::string(line);
    }
  }
  end_paragraph();
  return out;
}

std::string clipped(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t taken = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Piece piece = text[at] == '\n' ? Piece{1, 0} : piece_at(text, at);
    if (text[at] == '\n') taken = 0;
    const bool fits = piece.columns == 0 || taken + piece.columns <= columns;
    if (fits) out += text.substr(at, piece.bytes);
    taken += piece.columns;
    at += piece.bytes;
  }
  return out;
}

}  // namespace weir::cli
