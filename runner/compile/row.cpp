#include "compile/row.h"

#include <weir/decimal.h>
#include <weir/serde.h>

namespace weir::compile {

namespace {

constexpr unsigned kKindBits = 3;
constexpr unsigned kKindMask = (1U << kKindBits) - 1;

char head(JsonValue::Kind kind, unsigned detail) {
  return static_cast<char>(static_cast<unsigned>(kind) | detail << kKindBits);
}

// Both in one piece: strings grow byte by byte at some cost.
void append_varint_behind(std::string& out, char head, std::uint64_t number) {
  char bytes[1 + kVarintBytesMax];
  bytes[0] = head;
  out.append(bytes, static_cast<std::size_t>(put_varint(bytes + 1, number) - bytes));
}

}  // namespace

void append_value(std::string& out, const JsonValue& value) {
  const JsonValue::Kind kind = value.kind();
  switch (kind) {
    case JsonValue::Kind::kNull:
      out.push_back(head(kind, 0));
      return;
    case JsonValue::Kind::kBool:
      out.push_back(head(kind, value.as_bool() ? 1 : 0));
      return;
    case JsonValue::Kind::kInt:
      return append_varint_behind(out, head(kind, 0), zigzag_of(value.as_int()));
    case JsonValue::Kind::kTime:
      return append_varint_behind(out, head(kind, 0), zigzag_of(value.as_time()));
    case JsonValue::Kind::kDecimal:
      return append_varint_behind(out, head(kind, static_cast<unsigned>(value.places())),
                                  zigzag_of(value.units()));
    case JsonValue::Kind::kDouble:
      out.push_back(head(kind, 0));
      return StateSerde<double>::write(value.as_double(), out);
    case JsonValue::Kind::kString:
    case JsonValue::Kind::kRaw:
      append_varint_behind(out, head(kind, 0), value.text().size());
      out.append(value.text());
      return;
  }
}

bool read_value(Bytes& in, JsonValue& value) {
  if (in.empty()) return false;
  const auto byte = static_cast<unsigned char>(in.front());
  const auto kind = static_cast<JsonValue::Kind>(byte & kKindMask);
  const int detail = byte >> kKindBits;
  in.remove_prefix(1);
  std::int64_t number = 0;
  double real = 0;
  Bytes text;
  switch (kind) {
    case JsonValue::Kind::kNull:
      value = JsonValue::null();
      return detail == 0;
    case JsonValue::Kind::kBool:
      value = JsonValue::boolean(detail == 1);
      return detail <= 1;
    case JsonValue::Kind::kInt:
    case JsonValue::Kind::kTime:
      if (detail != 0 || !read_zigzag(in, number)) return false;
      value = kind == JsonValue::Kind::kInt ? JsonValue::integer(number) : JsonValue::time(number);
      return true;
    case JsonValue::Kind::kDecimal:
      if (detail > kDecimalPlacesMax || !read_zigzag(in, number)) return false;
      value = JsonValue::decimal(number, detail);
      return true;
    case JsonValue::Kind::kDouble:
      if (detail != 0 || !StateSerde<double>::read(in, real)) return false;
      value = JsonValue::real(real);
      return true;
    case JsonValue::Kind::kString:
    case JsonValue::Kind::kRaw:
      if (detail != 0 || !read_bytes(in, text)) return false;
      value = kind == JsonValue::Kind::kRaw ? JsonValue::raw(text) : JsonValue::string(text);
      return true;
  }
  return false;
}

void Row::write(std::string& out) const {
  append_varint(out, values.size());
  for (const JsonValue& value : values) append_value(out, value);
}

bool Row::read(Bytes& in) {
  std::uint64_t count = 0;
  if (!read_varint(in, count) || count > in.size()) return false;  // A value is a byte at least.
  values.resize(static_cast<std::size_t>(count));
  for (JsonValue& value : values) {
    if (!read_value(in, value)) return false;
  }
  return true;
}

}  // namespace weir::compile
