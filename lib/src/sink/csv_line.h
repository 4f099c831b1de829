// Results as lines of CSV, as RFC 4180 has it.
//
//   line  = field *("," field) LF
//   field = text without comma, quote or line end | '"' text with '"' twice '"'
//
// Null is an empty field, an empty text is "". Objects and arrays are their JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>
#include <weir/json_reader.h>
#include <weir/sink_column.h>

namespace weir::sink {

class CsvLines {
 public:
  explicit CsvLines(const std::vector<SinkColumn>& columns);

  const std::string& head() const { return head_; }
  // Appends a line; an Error, and nothing appended, for what is no JSON object.
  Status append(std::string_view json, std::string& out);

 private:
  JsonReader reader_;
  std::string head_;
  std::string scratch_;
};

}  // namespace weir::sink
