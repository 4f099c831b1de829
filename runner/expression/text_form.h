// Values as plain text: what `to_string` and `concat` give, and what keys of results look like.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <weir/json_value.h>

namespace weir::expression {

// Numbers and times as they stand in JSON, text without quotes, JSON as it is, null as nothing.
// `write_text_form` writes at most `text_form_bytes` and returns the end.
std::size_t text_form_bytes(const JsonValue& value);
char* write_text_form(const JsonValue& value, char* out);
void append_text_form(std::string& out, const JsonValue& value);

// `text` as a JSON string with quotes, at most 6 bytes for each byte and 2; returns the end.
char* write_json_text(std::string_view text, char* out);

}  // namespace weir::expression
