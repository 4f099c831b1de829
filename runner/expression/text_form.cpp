#include "expression/text_form.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <weir/decimal.h>
#include <weir/time_format.h>

namespace weir::expression {

namespace {

constexpr std::size_t kNumberTextMax = 32;

}  // namespace

std::size_t text_form_bytes(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kString:
    case JsonValue::Kind::kRaw:
      return value.text().size();
    default:
      return kNumberTextMax;
  }
}

char* write_text_form(const JsonValue& value, char* out) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      return out;
    case JsonValue::Kind::kBool: {
      const std::string_view word = value.as_bool() ? "true" : "false";
      return std::copy(word.begin(), word.end(), out);
    }
    case JsonValue::Kind::kInt:
      return std::to_chars(out, out + kNumberTextMax, value.as_int()).ptr;
    case JsonValue::Kind::kDouble:
      return std::to_chars(out, out + kNumberTextMax, value.as_double()).ptr;
    case JsonValue::Kind::kDecimal:
      return write_decimal(out, value.units(), value.places());
    case JsonValue::Kind::kTime: {
      // Times that have no text are their number.
      char* const end = write_time_text(out, value.as_time());
      return end != nullptr ? end : std::to_chars(out, out + kNumberTextMax, value.as_time()).ptr;
    }
    case JsonValue::Kind::kString:
    case JsonValue::Kind::kRaw: {
      const std::string_view text = value.text();
      return std::copy(text.begin(), text.end(), out);
    }
  }
  return out;
}

void append_text_form(std::string& out, const JsonValue& value) {
  const std::size_t before = out.size();
  out.resize(before + text_form_bytes(value));
  char* const start = out.data() + before;
  out.resize(before + static_cast<std::size_t>(write_text_form(value, start) - start));
}

char* write_json_text(std::string_view text, char* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  *out++ = '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out++ = '\\';
      *out++ = c;
    } else if (byte < 0x20) {
      constexpr std::string_view kZeros = "\\u00";
      out = std::copy(kZeros.begin(), kZeros.end(), out);
      *out++ = kHex[byte >> 4];
      *out++ = kHex[byte & 15];
    } else {
      *out++ = c;
    }
  }
  *out++ = '"';
  return out;
}

}  // namespace weir::expression
