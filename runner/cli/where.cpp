#include "cli/where.h"

#include <chrono>

#include "expression/json_text.h"

namespace weir::cli {

Result<std::unique_ptr<Where>> Where::make(const std::string& text) {
  std::unique_ptr<Where> where(new Where);
  where->schema_.open = true;  // Slot 0 is the whole record; names become columns as they come.
  where->schema_.add("", expression::Type::of(expression::Kind::any));
  const expression::Params params;
  Result<expression::Program> program = expression::compile(
      text, {.schema = &where->schema_, .params = &params, .clock_allowed = true});
  if (!program) return program.error();
  const expression::Type& type = program->type();
  if (!type.is(expression::Kind::boolean) && !type.is(expression::Kind::any)) {
    return Error{"this is " + type.to_string() + ", no condition"};
  }
  where->program_ = std::move(*program);
  std::vector<std::string> paths;
  for (std::size_t i = 1; i < where->schema_.columns.size(); ++i) {
    paths.push_back(where->schema_.columns[i].name);
  }
  where->reader_ = std::make_unique<JsonReader>(paths);
  return where;
}

bool Where::holds(std::string_view json) {
  if (!reader_->read(json)) return false;
  scratch_.reset();
  std::vector<JsonValue> row(schema_.columns.size());
  row[0] = JsonValue::raw(json);
  for (std::size_t i = 1; i < row.size(); ++i) {
    const JsonSlot& slot = (*reader_)[i - 1];
    if (slot.is_absent()) continue;
    if (slot.kind == JsonKind::kString) {
      std::string_view text;
      if (!expression::unescape(slot.text, scratch_.arena(), text)) return false;
      row[i] = JsonValue::string(text);
    } else if (!expression::value_of_json(slot.text, scratch_.arena(), row[i])) {
      return false;
    }
  }
  return program_.evaluate(row, {}, scratch_).is_true();
}

}  // namespace weir::cli
