#include "sink/csv_line.h"

#include "json/text.h"

namespace weir::sink {

namespace {

std::vector<std::string> paths_of(const std::vector<SinkColumn>& columns) {
  std::vector<std::string> paths;
  for (const SinkColumn& column : columns) {
    std::string& path = paths.emplace_back();
    for (const char c : column.name) {
      if (c == '.' || c == '\\') path += '\\';
      path += c;
    }
  }
  return paths;
}

void append_field(std::string& out, std::string_view text, bool is_text) {
  const bool quoted =
      text.find_first_of(",\"\r\n") != std::string_view::npos || (is_text && text.empty());
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

CsvLines::CsvLines(const std::vector<SinkColumn>& columns) : reader_(paths_of(columns)) {
  for (const SinkColumn& column : columns) {
    if (!head_.empty()) head_ += ',';
    append_field(head_, column.name, true);
  }
  head_ += '\n';
}

Status CsvLines::append(std::string_view json, std::string& out) {
  if (Status s = reader_.read(json); !s) return s;
  bool first = true;
  for (const JsonSlot& slot : reader_.slots()) {
    if (!first) out += ',';
    first = false;
    std::string_view text = slot.text;
    if (slot.escaped) {
      scratch_.clear();
      json::append_unescaped(scratch_, text);
      text = scratch_;
    }
    if (slot.kind == JsonKind::kTrue) text = "true";
    if (slot.kind == JsonKind::kFalse) text = "false";
    if (!slot.is_absent()) append_field(out, text, slot.kind == JsonKind::kString);
  }
  out += '\n';
  return {};
}

}  // namespace weir::sink
