// A row as JSON: the fields of a schema in order, columns of joined records in objects of their
// own.
//
//   RowWriter writer(step.out);
//   writer.write(row.values, out);   // {"order_id":"o1","payment":{"amount":7.00}}
#pragma once

#include <span>
#include <string>
#include <vector>

#include "expression/schema.h"
#include <weir/json_value.h>

namespace weir::compile {

class RowWriter {
 public:
  explicit RowWriter(const expression::Schema& schema);

  // Appends the object. REQUIRES: a value for every slot of the schema.
  void write(std::span<const JsonValue> row, std::string& out) const;

 private:
  // Texts between values: `text` and then the value of `slot`, or nothing more when it is -1. With
  // a `presence`, `skip` parts are left out and null written when that slot is null.
  struct Part {
    std::string text;
    int slot = -1;
    int presence = -1;
    std::size_t skip = 0;
  };

  struct Field {
    std::string path;
    int slot;
  };
  void add_object(const expression::Schema& schema, std::span<const Field> fields,
                  const std::string& prefix);
  void write_open(std::span<const JsonValue> row, std::string& out) const;

  std::vector<Part> parts_;
  std::string pending_;       // While the parts are made.
  bool open_ = false;         // Slot 0 is a whole record, over which the others are written.
  std::vector<Field> named_;  // Of an open record.
};

}  // namespace weir::compile
