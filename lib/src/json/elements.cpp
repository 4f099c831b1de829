#include "json/value_at.h"

namespace weir {

JsonElements::JsonElements(const JsonSlot& array) : rest_(array.text) { rest_.remove_prefix(1); }

bool JsonElements::next(JsonSlot& element) {
  constexpr std::string_view kBetween = " \t\n\r,";
  rest_.remove_prefix(rest_.find_first_not_of(kBetween));
  if (rest_.front() == ']') return false;
  element = json::take_value(rest_);
  return true;
}

}  // namespace weir
