// The columns of a row: what an expression may name, and in which slot it lies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expression/type.h"

namespace weir::expression {

struct Column {
  static constexpr int kTopLevel = -1;

  std::string name;  // With dots for fields of maps: "payment.amount".
  Type type;
  // The column of the map that holds this one as well. Such a column is read, never written: the
  // map is.
  int parent = kTopLevel;
  // Stands for a whole joined record: null when there is none, else something that only `is null`
  // looks at. Never written.
  bool presence = false;
};

struct Schema {
  std::vector<Column> columns;  // A column's index is its slot.
  // `fields: any`: slot 0 is the whole record; columns are added as expressions name them.
  bool open = false;

  int find(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name) return static_cast<int>(i);
    }
    return -1;
  }
  int add(std::string name, Type type, int parent = Column::kTopLevel) {
    columns.push_back({std::move(name), std::move(type), parent});
    return static_cast<int>(columns.size()) - 1;
  }
};

}  // namespace weir::expression
