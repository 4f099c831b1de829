#include <charconv>
#include <cmath>

#include "json/text.h"
#include <weir/decimal.h>
#include <weir/error.h>
#include <weir/json_value.h>
#include <weir/time_format.h>

namespace weir {
namespace {

void append_int(std::string& out, std::int64_t value) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

void append_quoted_time(std::string& out, Timestamp time) {
  char text[kTimeTextMax + 2];
  text[0] = '"';
  char* end = write_time_text(text + 1, time);
  if (end == nullptr) {
    out += "null";
    return;
  }
  *end++ = '"';
  out.append(text, end);
}

}  // namespace

void append_json(std::string& out, const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      out += "null";
      return;
    case JsonValue::Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return;
    case JsonValue::Kind::kInt:
      append_int(out, value.as_int());
      return;
    case JsonValue::Kind::kDouble:
      append_double(out, value.as_double());
      return;
    case JsonValue::Kind::kDecimal:
      append_decimal(out, value.units(), value.places());
      return;
    case JsonValue::Kind::kString:
      json::append_quoted(out, value.text());
      return;
    case JsonValue::Kind::kTime:
      append_quoted_time(out, value.as_time());
      return;
    case JsonValue::Kind::kRaw:
      out += value.text();
      return;
  }
}

JsonTemplate::JsonTemplate(std::span<const std::string> names) {
  for (const std::string& name : names) {
    std::string prefix(prefixes_.empty() ? "{" : ",");
    json::append_quoted(prefix, name);
    prefix += ':';
    prefixes_.push_back(std::move(prefix));
  }
}

void JsonTemplate::write(std::span<const JsonValue> values, std::string& out) const {
  check(values.size() == prefixes_.size(), "JsonTemplate: as many values as names");
  if (prefixes_.empty()) out += '{';
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += prefixes_[i];
    append_json(out, values[i]);
  }
  out += '}';
}

}  // namespace weir
