// Columns that line up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

class Table {
 public:
  struct Column {
    std::string_view name;
    bool right = false;  // Numbers.
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // A cell for each column.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // A line of names, then a line for each row; `style` for the names.
  std::string text(std::string_view style = "") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weir::cli
