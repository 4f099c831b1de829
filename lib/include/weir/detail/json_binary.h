// A bound type as bytes of state. Included by json.h.
//
//   struct   = varint(count of fields) member*
//   member   = bool: 0 or 1 | integer, decimal, time: zigzag | floating: its 8 bytes, little endian
//            | string: bytes | struct | optional | vector
//   optional = 0 | 1 member
//   vector   = varint(count) member*
// varint, zigzag and bytes are those of bytes.h. A struct with fewer fields than the binding was
// written by an older program: the fields it lacks must be optional.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <weir/bytes.h>
#include <weir/detail/json_member.h>

namespace weir::detail {

template <JsonBound T>
void write_binary_struct(const T& value, std::string& out);
template <JsonBound T>
[[nodiscard]] bool read_binary_struct(std::string_view& in, T& into);

void append_double_bits(std::string& out, double value);
[[nodiscard]] bool read_double_bits(std::string_view& in, double& value);
[[nodiscard]] bool read_binary_bool(std::string_view& in, bool& value);

template <class M>
void write_binary_member(const M& value, std::string& out) {
  if constexpr (kIsOptional<M>) {
    out.push_back(value ? '\1' : '\0');
    if (value) write_binary_member(*value, out);
  } else if constexpr (kIsVector<M>) {
    append_varint(out, value.size());
    for (const auto& element : value) write_binary_member(element, out);
  } else if constexpr (JsonBound<M>) {
    write_binary_struct(value, out);
  } else if constexpr (std::same_as<M, bool>) {
    out.push_back(value ? '\1' : '\0');
  } else if constexpr (std::same_as<M, std::string>) {
    append_bytes(out, value);
  } else if constexpr (kIsDecimal<M>) {
    append_zigzag(out, value.units());
  } else if constexpr (std::floating_point<M>) {
    append_double_bits(out, static_cast<double>(value));
  } else {
    append_zigzag(out, static_cast<std::int64_t>(value));
  }
}

template <class M>
[[nodiscard]] bool read_binary_member(std::string_view& in, M& into);

// A count that the bytes cannot hold is damage: each element has one byte at least.
template <class M>
[[nodiscard]] bool read_binary_vector(std::string_view& in, std::vector<M>& into) {
  std::uint64_t count = 0;
  if (!read_varint(in, count) || count > in.size()) return false;
  into.clear();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!read_binary_member(in, into.emplace_back())) return false;
  }
  return true;
}

template <class M>
[[nodiscard]] bool read_binary_integer(std::string_view& in, M& into) {
  std::int64_t number = 0;
  if (!read_zigzag(in, number)) return false;
  into = static_cast<M>(number);
  return static_cast<std::int64_t>(into) == number;
}

template <class M>
[[nodiscard]] bool read_binary_member(std::string_view& in, M& into) {
  if constexpr (kIsOptional<M>) {
    bool present = false;
    if (!read_binary_bool(in, present)) return false;
    if (!present) {
      into.reset();
      return true;
    }
    if (!into) into.emplace();
    return read_binary_member(in, *into);
  } else if constexpr (kIsVector<M>) {
    return read_binary_vector(in, into);
  } else if constexpr (JsonBound<M>) {
    return read_binary_struct(in, into);
  } else if constexpr (std::same_as<M, bool>) {
    return read_binary_bool(in, into);
  } else if constexpr (std::same_as<M, std::string>) {
    std::string_view bytes;
    if (!read_bytes(in, bytes)) return false;
    into.assign(bytes);
    return true;
  } else if constexpr (kIsDecimal<M>) {
    return into.read(in);
  } else if constexpr (std::floating_point<M>) {
    double number = 0;
    if (!read_double_bits(in, number)) return false;
    into = static_cast<M>(number);
    return true;
  } else {
    return read_binary_integer(in, into);
  }
}

template <JsonBound T>
void write_binary_struct(const T& value, std::string& out) {
  append_varint(out, kFieldCount<T>);
  for_each_field<T>([&](const auto& field) { write_binary_member(value.*field.member, out); });
}

template <JsonBound T>
bool read_binary_struct(std::string_view& in, T& into) {
  std::uint64_t count = 0;
  if (!read_varint(in, count) || count > kFieldCount<T>) return false;
  std::uint64_t at = 0;
  return all_fields<T>([&](const auto& field) {
    auto& member = into.*field.member;
    if (at++ < count) return read_binary_member(in, member);
    if constexpr (kIsOptional<std::remove_cvref_t<decltype(member)>>) {
      member.reset();
      return true;
    }
    return false;
  });
}

}  // namespace weir::detail
