// Looking into JSON that a record carries as it is: lists, maps, and values of `fields: any`.
//
// The text was checked when the record was read. Text that is no JSON after all gives wrong values
// but never more than that.
#pragma once

#include <cstdint>
#include <string_view>

#include "expression/arena.h"
#include <weir/json_value.h>

namespace weir::expression {

// Walks through the elements of a list or the members of a map.
//
//   JsonWalk walk(text);
//   while (walk.next()) use(walk.key(), walk.value());
class JsonWalk {
 public:
  explicit JsonWalk(std::string_view container);

  bool next();
  std::string_view key() const { return key_; }      // Between its quotes, with its escapes.
  std::string_view value() const { return value_; }  // As it stands, with quotes.

  bool is_map() const { return close_ == '}'; }
  bool is_list() const { return close_ == ']'; }

 private:
  std::string_view rest_;
  std::string_view key_;
  std::string_view value_;
  char close_ = '\0';  // What ends the container; none when the text is no container.
};

// The value that JSON text stands for: an int where it is one, else a decimal where it is exact
// with at most 18 places, else a float. Lists and maps stay text. False when there is no room.
bool value_of_json(std::string_view json, Arena& arena, JsonValue& out);

// The text between the quotes without its escapes.
bool unescape(std::string_view escaped, Arena& arena, std::string_view& out);

}  // namespace weir::expression
