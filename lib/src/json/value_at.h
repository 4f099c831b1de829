// Steps through text that is known to be valid JSON.
#pragma once

#include <string_view>

#include <weir/json_reader.h>

namespace weir::json {

// The value at the front of `rest`, which goes on behind it. REQUIRES: `rest` starts with a value.
JsonSlot take_value(std::string_view& rest);

// The members of an object, one after the other, repeated keys and all.
//
//   Members members(slot.text);
//   while (members.next()) use(members.key(), members.value());
class Members {
 public:
  // REQUIRES: `object` is one.
  explicit Members(std::string_view object) : rest_(object.substr(1)) {}

  bool next();
  // Kind kString: the key without its quotes.
  const JsonSlot& key() const { return key_; }
  const JsonSlot& value() const { return value_; }

 private:
  std::string_view rest_;
  JsonSlot key_;
  JsonSlot value_;
};

}  // namespace weir::json
