#include "compile/group_key.h"

#include "compile/row.h"
#include "expression/text_form.h"

namespace weir::compile {

using expression::Kind;
using expression::Outcome;

namespace {

void append_last(std::string& key, const JsonValue& value) {
  const JsonValue::Kind kind = value.kind();
  key.push_back(static_cast<char>(kind));
  if (kind == JsonValue::Kind::kInt) return append_time(key, value.as_int());
  if (kind == JsonValue::Kind::kTime) return append_time(key, value.as_time());
  if (kind == JsonValue::Kind::kString || kind == JsonValue::Kind::kRaw) {
    key += value.text();
    return;
  }
  append_value(key, value);
}

bool read_last(Bytes in, JsonValue& value) {
  if (in.empty()) return false;
  const auto kind = static_cast<JsonValue::Kind>(in.front());
  in.remove_prefix(1);
  std::int64_t number = 0;
  switch (kind) {
    case JsonValue::Kind::kInt:
    case JsonValue::Kind::kTime:
      if (!read_time(in, number)) return false;
      value = kind == JsonValue::Kind::kInt ? JsonValue::integer(number) : JsonValue::time(number);
      return in.empty();
    case JsonValue::Kind::kString:
      value = JsonValue::string(in);
      return true;
    case JsonValue::Kind::kRaw:
      value = JsonValue::raw(in);
      return true;
    default:
      return read_value(in, value) && in.empty();
  }
}

}  // namespace

GroupKey::GroupKey(const std::vector<job::NamedProgram>& by)
    : by_(by),
      plain_(by.size() == 1 && !by[0].program.type().nullable &&
             (by[0].program.type().is(Kind::text) || by[0].program.type().is(Kind::date))) {}

bool GroupKey::write(std::span<const JsonValue> row, const expression::RecordFacts& facts,
                     expression::Scratch& scratch, std::string& key, std::string& error) const {
  key.clear();
  for (std::size_t i = 0; i < by_.size(); ++i) {
    const Outcome outcome = by_[i].program.evaluate(row, facts, scratch);
    if (outcome.failed()) {
      error = by_[i].program.source() + ": " + std::string(outcome.error);
      return false;
    }
    if (plain_) {
      key = outcome.value.text();
    } else if (i + 1 == by_.size()) {
      append_last(key, outcome.value);
    } else {
      append_value(key, outcome.value);
    }
  }
  return true;
}

void GroupKey::read(std::string_view key, std::vector<JsonValue>& values) const {
  if (plain_) {
    values.push_back(JsonValue::string(key));
    return;
  }
  for (std::size_t i = 0; i < by_.size(); ++i) {
    JsonValue value;
    check(i + 1 == by_.size() ? read_last(key, value) : read_value(key, value),
          "the key of a group cannot be read back");
    values.push_back(value);
  }
}

void GroupKey::write_plain(std::span<const JsonValue> values, std::string& out) const {
  if (values.size() == 1) return expression::append_text_form(out, values[0]);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, values[i]);
  }
  out += ']';
}

}  // namespace weir::compile
