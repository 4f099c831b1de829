#include "cli/json_view.h"

#include <charconv>

#include "expression/json_text.h"

namespace weir::cli {

JsonView JsonView::operator[](std::string_view member) const {
  for (expression::JsonWalk walk(text_); walk.next();) {
    if (walk.key() == member) return JsonView(walk.value());
  }
  return {};
}

std::vector<JsonView> JsonView::list() const {
  std::vector<JsonView> all;
  for (expression::JsonWalk walk(text_); walk.is_list() && walk.next();) {
    all.emplace_back(walk.value());
  }
  return all;
}

std::vector<std::pair<std::string, JsonView>> JsonView::members() const {
  std::vector<std::pair<std::string, JsonView>> all;
  for (expression::JsonWalk walk(text_); walk.is_map() && walk.next();) {
    all.emplace_back(std::string(walk.key()), JsonView(walk.value()));
  }
  return all;
}

double JsonView::number() const {
  double value = 0;
  std::from_chars(text_.data(), text_.data() + text_.size(), value);
  return value;
}

std::string JsonView::string() const {
  if (text_.size() < 2 || text_.front() != '"') return is_null() ? "" : std::string(text_);
  expression::Arena arena;
  std::string_view plain;
  const std::string_view inner = text_.substr(1, text_.size() - 2);
  return std::string(expression::unescape(inner, arena, plain) ? plain : inner);
}

}  // namespace weir::cli
