// Results as the parameters of one statement: an array for each column, as text.
//
//   array   = "{" [element *("," element)] "}"
//   element = "NULL" | '"' text '"', with \ before " and \ in it
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>
#include <weir/json_reader.h>
#include <weir/postgres_sink.h>

namespace weir::sink {

// A column of the table.
struct TableColumn {
  std::string name{};
  std::string type{};  // As the server calls it, without length or precision: "numeric".
  bool is_json() const { return type == "json" || type == "jsonb"; }
};

// "name" as SQL has it, quoted; "schema.table" with both parts.
std::string quoted_name(std::string_view name);
std::string quoted_table(std::string_view table);
// What columns of these results are created as: numeric(19,2), timestamp with time zone, jsonb, ...
std::string create_statement(const PostgresOptions& options);
std::string insert_statement(const PostgresOptions& options,
                             const std::vector<TableColumn>& columns);

class PostgresRows {
 public:
  PostgresRows(std::vector<TableColumn> columns, const std::vector<std::string>& id);

  // Takes a result in, as the next row. An Error, and none taken, for what no table can hold.
  Status add(std::string_view json);
  void clear();
  std::size_t size() const { return rows_; }
  // What makes the row the same as another. Valid until the next row is added.
  std::string_view id_of(std::size_t row) const {
    return id_columns_.size() == 1 ? element(row, id_columns_.front()) : ids_[row];
  }

  // The arrays of some of the rows, each of them once, in order. Valid until the next call of any
  // kind.
  const std::vector<const char*>& arrays(const std::vector<std::size_t>& rows);

 private:
  // Where a row's element lies in the array of its column.
  struct Place {
    std::size_t at = 0;
    std::size_t size = 0;
  };

  Status append(const JsonSlot& slot, const TableColumn& column, std::string& out);
  std::size_t end_of(std::size_t column) const;
  std::string_view element(std::size_t row, std::size_t column) const {
    const Place& place = places_[row * columns_.size() + column];
    return std::string_view(texts_[column]).substr(place.at, place.size);
  }

  const std::vector<TableColumn> columns_;
  std::vector<std::size_t> id_columns_;
  JsonReader reader_;
  std::vector<std::string> texts_;  // The arrays of all rows; what is behind end_of() is no row's.
  std::vector<Place> places_;       // Row by row.
  std::vector<std::string> ids_;    // Where they have several columns.
  std::size_t rows_ = 0;
  std::vector<std::string> some_;  // The arrays of some rows.
  std::vector<const char*> parameters_;
  std::string scratch_;
};

}  // namespace weir::sink
