#include "generate/csv.h"

#include <algorithm>

#include "job/diagnostic_print.h"

namespace weir::generate {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

bool CsvReader::field(std::string& into) {
  into.clear();
  const bool quoted = at_ < text_.size() && text_[at_] == '"';
  bool inside = quoted;
  if (quoted) ++at_;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') ++lines_passed_;
    if (inside) {
      if (c != '"') {
        into += c;
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        into += '"';
        ++at_;
      } else {
        inside = false;
      }
      continue;
    }
    if (c == ',') return ++at_, true;
    if (c == '\n') return ++at_, false;
    if (c != '\r') into += c;
  }
  return false;
}

bool CsvReader::next(std::vector<std::string>& row) {
  while (at_ < text_.size()) {
    line_ = lines_passed_ + 1;
    row.assign(1, "");
    while (field(row.back())) row.emplace_back();
    if (row.size() > 1 || !row.front().empty()) return true;
  }
  return false;
}

namespace {

// As JSON writes numbers: "007" and "1." are text.
bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - first;
  };
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

std::string json_of_field(const std::string& text) {
  if (text.empty()) return "null";
  if (is_json_number(text)) return text;
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (lower == "true" || lower == "false") return lower;
  return job::json_quoted(text);
}

}  // namespace

Result<std::string> json_of_row(const std::vector<std::string>& names,
                                const std::vector<std::string>& row) {
  if (row.size() != names.size()) {
    return Error{"the row has " + std::to_string(row.size()) + " fields, there are " +
                 std::to_string(names.size()) + " names"};
  }
  std::string json = "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) json += ",";
    json += job::json_quoted(names[i]) + ":" + json_of_field(row[i]);
  }
  return json + "}";
}

}  // namespace weir::generate
