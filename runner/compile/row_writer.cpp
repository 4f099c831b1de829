#include "compile/row_writer.h"

#include <algorithm>

#include "expression/json_text.h"
#include "job/plan.h"

namespace weir::compile {

using expression::Column;
using expression::Schema;

namespace {

std::string quoted(std::string_view name) {
  std::string text;
  append_json(text, JsonValue::string(name));
  return text;
}

// The slot that says whether the joined record `name` is there, or -1.
int presence_of(const Schema& schema, std::string_view name) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (schema.columns[i].presence && schema.columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

RowWriter::RowWriter(const Schema& schema) {
  std::vector<Field> fields;
  for (const auto& [name, slot] : job::output_fields(schema)) fields.push_back({name, slot});
  if (!schema.columns.empty() && schema.columns[0].name.empty() && schema.open) {
    open_ = true;
    named_.assign(fields.begin() + 1, fields.end());
    return;
  }
  std::erase_if(fields, [](const Field& field) { return field.path.empty(); });
  add_object(schema, fields, "");
  parts_.push_back({std::move(pending_)});
}

// The fields of one object; those of a joined record lie next to each other.
void RowWriter::add_object(const Schema& schema, std::span<const Field> fields,
                           const std::string& prefix) {
  pending_ += '{';
  for (std::size_t i = 0; i < fields.size();) {
    if (i > 0) pending_ += ',';
    const std::string rest = fields[i].path.substr(prefix.size());
    const std::size_t dot = rest.find('.');
    const std::string name = rest.substr(0, dot);
    const int presence = dot == std::string::npos ? -1 : presence_of(schema, prefix + name);
    if (presence < 0) {
      parts_.push_back({std::move(pending_) + quoted(rest) + ':', fields[i].slot});
      pending_.clear();
      ++i;
      continue;
    }
    const std::string inner = prefix + name + '.';
    std::size_t end = i;
    while (end < fields.size() && fields[end].path.starts_with(inner)) ++end;
    const std::size_t start = parts_.size();
    parts_.push_back({std::move(pending_) + quoted(name) + ':', -1, presence, 0});
    pending_.clear();
    if (fields[i].path == inner) {  // A record of any fields goes as it is.
      parts_.push_back({"", fields[i].slot});
    } else {
      add_object(schema, fields.subspan(i, end - i), inner);
      parts_.push_back({std::move(pending_)});
      pending_.clear();
    }
    parts_[start].skip = parts_.size() - start - 1;
    i = end;
  }
  pending_ += '}';
}

void RowWriter::write(std::span<const JsonValue> row, std::string& out) const {
  if (open_) return write_open(row, out);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    out += part.text;
    if (part.slot >= 0) append_json(out, row[static_cast<std::size_t>(part.slot)]);
    if (part.presence < 0 || !row[static_cast<std::size_t>(part.presence)].is_null()) continue;
    out += "null";
    i += part.skip;
  }
}

// What is not named stays as it came; what is named is written last.
void RowWriter::write_open(std::span<const JsonValue> row, std::string& out) const {
  out += '{';
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  if (row[0].kind() == JsonValue::Kind::kRaw) {
    for (expression::JsonWalk walk(row[0].text()); walk.is_map() && walk.next();) {
      const bool replaced = std::any_of(named_.begin(), named_.end(), [&](const Field& field) {
        return field.path == walk.key() && !row[static_cast<std::size_t>(field.slot)].is_null();
      });
      if (replaced) continue;
      comma();
      out += '"';
      out += walk.key();
      out += "\":";
      out += walk.value();
    }
  }
  for (const Field& field : named_) {
    const JsonValue& value = row[static_cast<std::size_t>(field.slot)];
    // A path into the record is part of what came.
    if (value.is_null() || field.path.find('.') != std::string::npos) continue;
    comma();
    out += quoted(field.path) + ':';
    append_json(out, value);
  }
  out += '}';
}

}  // namespace weir::compile
