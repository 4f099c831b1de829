#include "compile/key_check.h"

#include "compile/typed_value.h"
#include "expression/text_form.h"

namespace weir::compile {

KeyCheck::KeyCheck(const job::StreamPlan& stream, std::shared_ptr<KeyMismatches> mismatches)
    : mismatches_(std::move(mismatches)) {
  for (const std::string& name : stream.keyed_by) {
    const int slot = stream.schema.find(name);
    if (slot >= 0) slots_.push_back(static_cast<std::size_t>(slot));
  }
}

void KeyCheck::compare(std::optional<std::string_view> key, std::span<const JsonValue> row) {
  text_.clear();
  bool is_null = false;
  const bool list = slots_.size() > 1;  // As keys of results are written.
  if (list) text_ += '[';
  for (const std::size_t slot : slots_) {
    is_null = is_null || row[slot].is_null();
    if (list && text_.size() > 1) text_ += ',';
    list ? append_json(text_, row[slot]) : expression::append_text_form(text_, row[slot]);
  }
  if (list) text_ += ']';
  const bool same = is_null ? !key : key == std::string_view(text_);
  if (!same) mismatches_->fetch_add(1, std::memory_order_relaxed);
}

}  // namespace weir::compile
