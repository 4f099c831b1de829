#include <weir/decimal.h>
#include <weir/detail/aggregate_exact_sum.h>
#include <weir/row_value.h>

namespace weir {
namespace {

using Kind = JsonValue::Kind;

bool is_text(Kind kind) { return kind == Kind::kString || kind == Kind::kRaw; }
bool is_exact(Kind kind) { return kind == Kind::kInt || kind == Kind::kDecimal; }

double as_real(const JsonValue& value) {
  if (value.kind() == Kind::kDouble) return value.as_double();
  if (value.kind() == Kind::kInt) return static_cast<double>(value.as_int());
  return static_cast<double>(value.units()) / static_cast<double>(power_of_ten(value.places()));
}

// The units of an exact number at the most places there can be.
Int128 as_units(const JsonValue& value) {
  const bool whole = value.kind() == Kind::kInt;
  const int places = whole ? 0 : value.places();
  return Int128{whole ? value.as_int() : value.units()} * power_of_ten(kDecimalPlacesMax - places);
}

// Numbers compare with numbers; anything else with its own kind only.
int rank(Kind kind) {
  const bool number = is_exact(kind) || kind == Kind::kDouble;
  return number ? static_cast<int>(Kind::kInt) : static_cast<int>(kind);
}

bool read_decimal(Bytes& in, JsonValue& value) {
  if (in.empty() || static_cast<unsigned char>(in[0]) > kDecimalPlacesMax) return false;
  const int places = in[0];
  Bytes rest = in.substr(1);
  std::int64_t units = 0;
  if (!read_zigzag(rest, units)) return false;
  in = rest;
  value = JsonValue::decimal(units, places);
  return true;
}

}  // namespace

bool is_before(const JsonValue& a, const JsonValue& b) {
  // Nearly always a column has one type, and its numbers compare as they lie there.
  if (a.kind() == b.kind()) {
    if (a.kind() == Kind::kInt) return a.as_int() < b.as_int();
    if (a.kind() == Kind::kDecimal && a.places() == b.places()) return a.units() < b.units();
  }
  if (rank(a.kind()) != rank(b.kind())) return rank(a.kind()) < rank(b.kind());
  switch (a.kind()) {
    case Kind::kNull:
      return false;
    case Kind::kBool:
      return !a.as_bool() && b.as_bool();
    case Kind::kTime:
      return a.as_time() < b.as_time();
    case Kind::kString:
    case Kind::kRaw:
      return a.text() < b.text();
    case Kind::kInt:
    case Kind::kDecimal:
    case Kind::kDouble:
      break;
  }
  if (is_exact(a.kind()) && is_exact(b.kind())) return as_units(a) < as_units(b);
  return as_real(a) < as_real(b);
}

RowValue& RowValue::operator=(const JsonValue& value) {
  if (is_text(value.kind())) {
    text_.assign(value.text());
    plain_ = value.kind() == Kind::kString ? JsonValue::string({}) : JsonValue::raw({});
  } else {
    text_.clear();
    plain_ = value;
  }
  return *this;
}

JsonValue RowValue::view() const {
  if (plain_.kind() == Kind::kString) return JsonValue::string(text_);
  if (plain_.kind() == Kind::kRaw) return JsonValue::raw(text_);
  return plain_;
}

bool RowValue::view_equal(const RowValue& other) const {
  const JsonValue a = view();
  const JsonValue b = other.view();
  return a.kind() == b.kind() && !is_before(a, b) && !is_before(b, a);
}

void RowValue::write(std::string& out) const {
  out.push_back(static_cast<char>(plain_.kind()));
  switch (plain_.kind()) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      append_zigzag(out, plain_.as_bool() ? 1 : 0);
      break;
    case Kind::kInt:
      append_zigzag(out, plain_.as_int());
      break;
    case Kind::kTime:
      append_zigzag(out, plain_.as_time());
      break;
    case Kind::kDecimal:
      out.push_back(static_cast<char>(plain_.places()));
      append_zigzag(out, plain_.units());
      break;
    case Kind::kDouble:
      append_double(out, plain_.as_double());
      break;
    case Kind::kString:
    case Kind::kRaw:
      append_bytes(out, text_);
      break;
  }
}

bool RowValue::read(Bytes& in) {
  *this = JsonValue::null();
  if (in.empty() || static_cast<unsigned char>(in[0]) > static_cast<int>(Kind::kRaw)) return false;
  const auto kind = static_cast<Kind>(in[0]);
  in.remove_prefix(1);
  std::int64_t whole = 0;
  double real = 0;
  Bytes text;
  switch (kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      if (!read_zigzag(in, whole) || whole < 0 || whole > 1) return false;
      plain_ = JsonValue::boolean(whole == 1);
      return true;
    case Kind::kInt:
    case Kind::kTime:
      if (!read_zigzag(in, whole)) return false;
      plain_ = kind == Kind::kInt ? JsonValue::integer(whole) : JsonValue::time(whole);
      return true;
    case Kind::kDecimal:
      return read_decimal(in, plain_);
    case Kind::kDouble:
      if (!read_double(in, real)) return false;
      plain_ = JsonValue::real(real);
      return true;
    case Kind::kString:
    case Kind::kRaw:
      if (!read_bytes(in, text)) return false;
      *this = kind == Kind::kString ? JsonValue::string(text) : JsonValue::raw(text);
      return true;
  }
  return false;
}

}  // namespace weir
