// What the templates of a JSON binding share and no type is needed for.
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "json/text.h"
#include <weir/json.h>

namespace weir {

void append_json_float(std::string& out, float value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

void append_json_unsigned(std::string& out, std::uint64_t value) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
}

namespace detail {

std::string escaped_path_key(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '.' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

TimeReading make_time_reading(std::string_view zone, EpochUnit unit) {
  Result<TimeZone> found = TimeZone::find(zone);
  check(static_cast<bool>(found), found ? "" : "time_field: " + found.error().to_string());
  return {.zone = *std::move(found), .unit = unit};
}

Status wrong_json_kind(const JsonSlot& slot, std::string_view field, JsonKind wanted) {
  std::string text = "field '" + std::string(field) + "' is ";
  text += name_of(slot.kind);
  if (!slot.is_absent()) text += ", not " + std::string(name_of(wanted));
  return Error{text};
}

Status int_out_of_range(std::string_view field) {
  return Error{"field '" + std::string(field) + "' is out of its type's range"};
}

Status in_element(const Error& error, std::string_view field, std::size_t index) {
  Error outer = error;
  outer.text = std::string(field) + "[" + std::to_string(index) + "]: " + error.text;
  return outer;
}

std::vector<std::string> json_prefixes(const std::vector<std::string_view>& names) {
  std::vector<std::string> prefixes;
  for (const std::string_view name : names) {
    std::string prefix(prefixes.empty() ? "{" : ",");
    json::append_quoted(prefix, name);
    prefixes.push_back(prefix + ":");
  }
  return prefixes;
}

void append_double_bits(std::string& out, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}

bool read_double_bits(std::string_view& in, double& value) {
  if (in.size() < sizeof(value)) return false;
  std::uint64_t bits = 0;
  for (std::size_t i = sizeof(value); i-- > 0;)
    bits = bits << 8 | static_cast<unsigned char>(in[i]);
  value = std::bit_cast<double>(bits);
  in.remove_prefix(sizeof(value));
  return true;
}

bool read_binary_bool(std::string_view& in, bool& value) {
  if (in.empty() || static_cast<unsigned char>(in.front()) > 1) return false;
  value = in.front() == '\1';
  in.remove_prefix(1);
  return true;
}

}  // namespace detail
}  // namespace weir
