// Reading what a running job answers: JSON that weir itself has written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

// A piece of JSON text, which outlives it. What is not there is empty, and 0.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(std::string_view text) : text_(text) {}

  JsonView operator[](std::string_view member) const;
  std::vector<JsonView> list() const;  // Of an array, its elements.
  std::vector<std::pair<std::string, JsonView>> members() const;

  std::string_view text() const { return text_; }
  bool is_null() const { return text_.empty() || text_ == "null"; }
  double number() const;
  std::string string() const;  // Without quotes and escapes.

 private:
  std::string_view text_;
};

}  // namespace weir::cli
