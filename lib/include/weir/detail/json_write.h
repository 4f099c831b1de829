// From a bound type to JSON text. Included by json.h.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <weir/detail/json_member.h>
#include <weir/detail/json_read.h>
#include <weir/json_value.h>

namespace weir::detail {

// `{"a":`, `,"b":`, ...
std::vector<std::string> json_prefixes(const std::vector<std::string_view>& names);

template <JsonBound T>
const std::vector<std::string>& prefixes_of() {
  static const std::vector<std::string> prefixes = [] {
    std::vector<std::string_view> names;
    for_each_field<T>([&](const auto& field) { names.push_back(field.name); });
    return json_prefixes(names);
  }();
  return prefixes;
}

template <JsonBound T>
void write_json_struct(const T& value, std::string& out);

template <class M>
void write_json_member(const M& value, std::string& out) {
  if constexpr (kIsOptional<M>) {
    if (value) return write_json_member(*value, out);
    append_json(out, JsonValue::null());
  } else if constexpr (kIsVector<M>) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      write_json_member(value[i], out);
    }
    out += ']';
  } else if constexpr (JsonBound<M>) {
    write_json_struct(value, out);
  } else if constexpr (std::same_as<M, bool>) {
    append_json(out, JsonValue::boolean(value));
  } else if constexpr (std::same_as<M, std::string>) {
    append_json(out, JsonValue::string(value));
  } else if constexpr (kIsDecimal<M>) {
    append_json(out, JsonValue::decimal(value.units(), M::kPlaces));
  } else if constexpr (std::same_as<M, float>) {
    append_json_float(out, value);
  } else if constexpr (std::floating_point<M>) {
    append_json(out, JsonValue::real(value));
  } else if constexpr (std::unsigned_integral<M>) {
    append_json_unsigned(out, value);
  } else {
    append_json(out, JsonValue::integer(value));
  }
}

template <class M>
void write_json_time(const M& value, std::string& out) {
  if constexpr (kIsOptional<M>) {
    append_json(out, value ? JsonValue::time(*value) : JsonValue::null());
  } else {
    append_json(out, JsonValue::time(value));
  }
}

template <JsonBound T>
void write_json_struct(const T& value, std::string& out) {
  const std::vector<std::string>& prefixes = prefixes_of<T>();
  std::size_t at = 0;
  for_each_field<T>([&](const auto& field) {
    out += prefixes[at++];
    if constexpr (kIsTimeField<std::remove_cvref_t<decltype(field)>>) {
      write_json_time(value.*field.member, out);
    } else {
      write_json_member(value.*field.member, out);
    }
  });
  if (at == 0) out += '{';
  out += '}';
}

}  // namespace weir::detail
