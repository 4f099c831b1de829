#include "json/value_at.h"

namespace weir::json {

namespace {

constexpr std::string_view kBlanks = " \t\n\r";

std::size_t string_size(std::string_view text, bool& escaped) {
  std::size_t at = 1;
  for (; text[at] != '"'; ++at) {
    if (text[at] != '\\') continue;
    escaped = true;
    ++at;
  }
  return at + 1;
}

std::size_t container_size(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0;;) {
    const char c = text[at];
    bool escaped = false;
    if (c == '"') {
      at += string_size(text.substr(at), escaped);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
}

JsonKind kind_of(char first) {
  switch (first) {
    case '"':
      return JsonKind::kString;
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case 't':
      return JsonKind::kTrue;
    case 'f':
      return JsonKind::kFalse;
    case 'n':
      return JsonKind::kNull;
    default:
      return JsonKind::kNumber;
  }
}

}  // namespace

JsonSlot take_value(std::string_view& rest) {
  JsonSlot value{.text = {}, .kind = kind_of(rest.front()), .escaped = false};
  switch (value.kind) {
    case JsonKind::kString: {
      const std::size_t size = string_size(rest, value.escaped);
      value.text = rest.substr(1, size - 2);
      rest.remove_prefix(size);
      return value;
    }
    case JsonKind::kObject:
    case JsonKind::kArray:
      value.text = rest.substr(0, container_size(rest));
      break;
    default:
      value.text = rest.substr(0, rest.find_first_of(" \t\n\r,]}"));
  }
  rest.remove_prefix(value.text.size());
  return value;
}

bool Members::next() {
  rest_.remove_prefix(rest_.find_first_not_of(" \t\n\r,"));
  if (rest_.front() == '}') return false;
  key_ = take_value(rest_);
  rest_.remove_prefix(rest_.find_first_not_of(kBlanks) + 1);  // And the colon.
  rest_.remove_prefix(rest_.find_first_not_of(kBlanks));
  value_ = take_value(rest_);
  return true;
}

}  // namespace weir::json
