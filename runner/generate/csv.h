// CSV files, RFC 4180: fields in quotes may hold commas, line ends and doubled quotes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>

namespace weir::generate {

// Rows one after the other.
//
//   CsvReader rows(text);
//   std::vector<std::string> row;
//   while (rows.next(row)) use(row);
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  // False at the end. Empty lines are passed over.
  bool next(std::vector<std::string>& row);
  std::size_t line() const { return line_; }  // Of the row, from 1.

 private:
  bool field(std::string& into);  // False when it was the row's last.

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t lines_passed_ = 0;
};

// A row as a JSON object: what is written like a number is one, true and false are booleans, an
// empty field is null, everything else is text. Fewer or more fields than names is an Error.
Result<std::string> json_of_row(const std::vector<std::string>& names,
                                const std::vector<std::string>& row);

}  // namespace weir::generate
