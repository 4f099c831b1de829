#include <algorithm>

#include <weir/json_reader.h>

namespace weir {
namespace {

// All of this reads text that is known to be valid.

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

JsonElements::JsonElements(const JsonSlot& array) : rest_(array.text) { rest_.remove_prefix(1); }

bool JsonElements::next(JsonSlot& element) {
  constexpr std::string_view kBetween = " \t\n\r,";
  rest_.remove_prefix(rest_.find_first_not_of(kBetween));
  if (rest_.front() == ']') return false;
  element = {.text = {}, .kind = kind_of(rest_.front()), .escaped = false};
  switch (element.kind) {
    case JsonKind::kString: {
      const std::size_t size = string_size(rest_, element.escaped);
      element.text = rest_.substr(1, size - 2);
      rest_.remove_prefix(size);
      return true;
    }
    case JsonKind::kObject:
    case JsonKind::kArray:
      element.text = rest_.substr(0, container_size(rest_));
      break;
    default:
      element.text = rest_.substr(0, rest_.find_first_of(" \t\n\r,]"));
  }
  rest_.remove_prefix(element.text.size());
  return true;
}

}  // namespace weir
