#include "expression/json_text.h"

#include <charconv>
#include <cmath>

#include "expression/utf8.h"
#include <weir/decimal.h>

namespace weir::expression {

namespace {

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// Bytes of the text literal at the front, with its quotes.
std::size_t text_bytes(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Bytes of the value at the front. Containers are counted, not entered: no recursion.
std::size_t value_bytes(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i += text_bytes(text.substr(i));
      if (depth == 0) return i;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return depth == 0 ? i : i + 1;
      --depth;
    } else if (depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      return i;
    }
    ++i;
  }
  return text.size();
}

bool read_hex(std::string_view text, std::size_t at, char32_t& code) {
  if (at + 4 > text.size()) return false;
  std::uint32_t number = 0;
  const auto end = std::from_chars(text.data() + at, text.data() + at + 4, number, 16).ptr;
  code = number;
  return end == text.data() + at + 4;
}

char plain_escape(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return letter;
  }
}

JsonValue number_of(std::string_view text) {
  const std::size_t dot = text.find('.');
  const bool exponent = text.find_first_of("eE") != std::string_view::npos;
  std::int64_t units = 0;
  if (!exponent && dot == std::string_view::npos && parse_decimal(text, 0, units)) {
    return JsonValue::integer(units);
  }
  if (!exponent && dot != std::string_view::npos) {
    const std::size_t places = text.size() - dot - 1;
    if (places <= static_cast<std::size_t>(kDecimalPlacesMax) &&
        parse_decimal(text, static_cast<int>(places), units)) {
      return JsonValue::decimal(units, static_cast<int>(places));
    }
  }
  double real = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), real).ec;
  return error == std::errc() && std::isfinite(real) ? JsonValue::real(real) : JsonValue::null();
}

}  // namespace

JsonWalk::JsonWalk(std::string_view container) : rest_(without_blanks(container)) {
  if (rest_.starts_with('{')) close_ = '}';
  if (rest_.starts_with('[')) close_ = ']';
  if (close_ == '\0') return;
  rest_.remove_prefix(1);
}

bool JsonWalk::next() {
  if (close_ == '\0') return false;
  rest_ = without_blanks(rest_);
  if (rest_.starts_with(',')) rest_ = without_blanks(rest_.substr(1));
  if (rest_.empty() || rest_.front() == close_) return false;
  if (is_map()) {
    if (rest_.front() != '"') return false;
    const std::size_t bytes = text_bytes(rest_);
    if (bytes < 2) return false;
    key_ = rest_.substr(1, bytes - 2);
    rest_ = without_blanks(rest_.substr(bytes));
    if (!rest_.starts_with(':')) return false;
    rest_ = without_blanks(rest_.substr(1));
  }
  const std::size_t bytes = value_bytes(rest_);
  if (bytes == 0) return false;
  value_ = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return true;
}

bool unescape(std::string_view escaped, Arena& arena, std::string_view& out) {
  if (escaped.find('\\') == std::string_view::npos) {
    out = escaped;
    return true;
  }
  char* const start = arena.allocate(escaped.size());  // No escape is shorter than what it means.
  if (start == nullptr) return false;
  char* end = start;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '\\' || i + 1 == escaped.size()) {
      *end++ = escaped[i];
      continue;
    }
    char32_t code = 0;
    if (escaped[++i] != 'u' || !read_hex(escaped, i + 1, code)) {
      *end++ = plain_escape(escaped[i]);
      continue;
    }
    i += 4;
    char32_t low = 0;
    const bool pair = code >= 0xD800 && code < 0xDC00 && escaped.substr(i + 1, 2) == "\\u" &&
                      read_hex(escaped, i + 3, low) && low >= 0xDC00 && low < 0xE000;
    if (pair) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      i += 6;
    }
    end = encode_character(code, end);
  }
  out = {start, static_cast<std::size_t>(end - start)};
  return true;
}

bool value_of_json(std::string_view json, Arena& arena, JsonValue& out) {
  const std::string_view text = without_blanks(json);
  out = JsonValue::null();
  if (text.empty()) return true;
  switch (text.front()) {
    case 'n':
      return true;
    case 't':
      out = JsonValue::boolean(true);
      return true;
    case 'f':
      out = JsonValue::boolean(false);
      return true;
    case '{':
    case '[':
      out = JsonValue::raw(text.substr(0, value_bytes(text)));
      return true;
    case '"': {
      const std::size_t bytes = text_bytes(text);
      std::string_view plain;
      if (bytes >= 2 && !unescape(text.substr(1, bytes - 2), arena, plain)) return false;
      out = JsonValue::string(plain);
      return true;
    }
    default:
      out = number_of(text.substr(0, value_bytes(text)));
      return true;
  }
}

}  // namespace weir::expression
