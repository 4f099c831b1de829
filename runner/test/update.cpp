#include "test/update.h"

#include <algorithm>

namespace weir::test {

namespace {

std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t end = text.rfind('\n', at == 0 ? 0 : at - 1);
  return at == 0 || end == std::string_view::npos ? 0 : end + 1;
}

std::size_t next_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// Where the block below the key at column `column` ends: at the first line that is not deeper and
// no dash.
std::size_t block_end(std::string_view text, std::size_t from, std::size_t column) {
  std::size_t end = from;
  for (std::size_t at = from; at < text.size(); at = next_line(text, at)) {
    const std::size_t first = text.find_first_not_of(' ', at);
    if (first == std::string_view::npos) break;
    if (text[first] == '\n' || text[first] == '#') continue;  // Belongs to what follows, perhaps.
    const std::size_t indent = first - at;
    const bool entry = indent == column && text.substr(first, 2) == "- ";
    if (indent <= column && !entry) break;
    end = next_line(text, at);
  }
  return end;
}

// Where a list within brackets ends.
std::size_t flow_end(std::string_view text, std::size_t from) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

std::string records_text(const Update& update, std::size_t column) {
  if (update.records.empty()) return " []\n";
  std::string text = "\n";
  for (const ActualRecord& record : update.records) {
    text += std::string(column + 2, ' ') + "- {";
    if (record.key) text += "key: " + single_quoted(*record.key) + ", ";
    text += "raw: " + single_quoted(record.value.value_or("null")) + "}\n";
  }
  return text;
}

}  // namespace

std::string updated_text(std::string_view text, std::vector<Update> updates) {
  std::sort(updates.begin(), updates.end(),
            [](const Update& a, const Update& b) { return a.key.offset < b.key.offset; });
  std::string out;
  std::size_t done = 0;
  for (const Update& update : updates) {
    const std::size_t column = update.key.offset - line_start(text, update.key.offset);
    const std::size_t colon = text.find(':', update.key.end());
    if (colon == std::string_view::npos || update.key.offset < done) continue;
    out += text.substr(done, colon + 1 - done);
    out += records_text(update, column);
    done = update.one_line ? next_line(text, flow_end(text, update.value.offset))
                           : block_end(text, next_line(text, colon), column);
  }
  out += text.substr(done);
  return out;
}

}  // namespace weir::test
